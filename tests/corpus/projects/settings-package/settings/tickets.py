from pydantic_settings import BaseSettings


class TicketSettings(BaseSettings):
    ticket_price: float = 12.5
