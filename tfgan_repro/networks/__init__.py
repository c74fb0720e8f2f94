"""Networks: generators and discriminators, one family a file."""
