"""Workers in a process of their own, kept by the service: long work there takes no processor from requests.

Python lets one thread of a process run at a time. The companion is the same program (`worker NAME
--companion`) with the same settings, tied to the service by a socket: it says each second how its workers are
and what its metrics count, hears whether money may be made, and ends at once when the socket closes, whatever
became of the service. One that dies is started again. Owns that process; what its workers do is theirs.
"""
