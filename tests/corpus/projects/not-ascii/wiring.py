"""Verdrahtung der Küche 🍳."""

from küche import lebensdauer, prüfung, καφές

LIFESPANS = [
    lebensdauer,  # 最初に 🍳
    καφές.lebensdauer,  # ganz am Ende
]
MIDDLEWARE = []
ROUTERS = [καφές.router]
READINESS = {"küche 🍳": prüfung, "καφές": καφές.bereit}
MIGRATIONS = []
