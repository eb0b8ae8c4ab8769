"""Development's own pages about mail: what was sent, and how every kind looks. They do not exist anywhere else."""
