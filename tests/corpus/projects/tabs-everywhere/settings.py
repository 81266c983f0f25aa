from pydantic_settings import BaseSettings


class Settings(BaseSettings):
	room_size: int = 50
	history: int = 1_000

	def describe(self) -> str:
		if self.room_size:
			return f"{self.room_size} people"
		return "nobody"


settings = Settings()
