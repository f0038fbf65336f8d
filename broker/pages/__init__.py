"""What citizens see: English and Welsh, no script required, nothing from anywhere else."""
