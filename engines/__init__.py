"""Where profiles live: small interfaces (base.py) and the engines that fulfil them."""
