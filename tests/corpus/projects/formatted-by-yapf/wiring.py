from archive import (lifespan as archive_lifespan,
                     ready as archive_ready)
from archive.routes import router

# yapf: disable
LIFESPANS  = [archive_lifespan   # opens the archive
              ]
MIDDLEWARE = (                   # none
             )
ROUTERS    = [router           , # /files
              ]
READINESS  = {"archive": archive_ready   # is it mounted?
              }
# yapf: enable
MIGRATIONS = []
