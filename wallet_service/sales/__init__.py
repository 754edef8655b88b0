"""Sales and refund requests at a till, and what a till is shown of them."""
