"""What a service does with a code: redeem it once, then ask for what the citizen agreed to."""
