"""Open data: each day's figures once it is over, without anybody in them, and the directory, to take away."""
