from settings.berths import BerthSettings
from settings.tides import TideSettings

berths = BerthSettings()
tides = TideSettings()
