"""Who is meant by what a caller knows of somebody, and everything held about them."""
