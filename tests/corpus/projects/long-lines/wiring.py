from features import accounts, addresses, articles, attachments, audits, authors, baskets, brands, campaigns, carriers, categories, channels, comments, coupons, customers, deliveries, discounts, exports, favourites, forms

# fmt: off
LIFESPANS = [accounts.lifespan, addresses.lifespan, articles.lifespan, attachments.lifespan, audits.lifespan, authors.lifespan, baskets.lifespan, brands.lifespan]  # noqa: E501
MIDDLEWARE = [audits.middleware]
ROUTERS = [accounts.router, addresses.router, articles.router, attachments.router, audits.router, authors.router, baskets.router, brands.router, campaigns.router, carriers.router, categories.router, channels.router, comments.router, coupons.router, customers.router, deliveries.router, discounts.router, exports.router, favourites.router, forms.router]  # noqa: E501
READINESS = {"accounts": accounts.ready, "addresses": addresses.ready, "articles": articles.ready, "attachments": attachments.ready}  # noqa: E501
MIGRATIONS = []
# fmt: on
