def lifespan(app):
	...


router = ready = None
