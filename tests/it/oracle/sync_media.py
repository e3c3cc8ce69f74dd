"""Syncs the media of a collection: path, server, user, password."""
import sys
import time

from anki.collection import Collection

path, server, user, password = sys.argv[1:]
col = Collection(path)
auth = col.sync_login(user, password, server)
col.sync_media(auth)
end = time.time() + 20
while True:
    status = col.media_sync_status()
    if not status.active:
        break
    if time.time() > end:
        sys.exit("the media sync does not end")
    time.sleep(0.05)
print("done")
col.close()
