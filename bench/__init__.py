"""What a sign-in through the hub costs: whole journeys over real HTTP, beside what their parts cost alone."""
