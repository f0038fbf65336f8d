"""The OpenID Provider that relying services see: requests checked in one order, tokens minted by one hand."""
