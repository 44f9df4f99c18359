//! What a ticket is; pure: no I/O, clock, randomness, SQL or HTTP.
