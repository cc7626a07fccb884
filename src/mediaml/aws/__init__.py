"""What both cloud backends stand on: sessions, errors, waiting, storage, the ledger of what was created."""
