"""A model server with the rules of AWS's: run by its path, beside a model that brings its own code."""

from __future__ import annotations

import os
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

LARGEST = int(os.environ.get("MMS_MAX_REQUEST_SIZE", "6553500"))  # bytes of a request, as AWS's server has it
TEXT = ("application/json", "text/csv")
JSON = "application/json"


def main() -> None:
    """Serve the model in the folder of the first argument; write the port to the file of the second."""
    model_dir, told = sys.argv[1:3]
    sys.path[0] = str(Path(model_dir) / "code")
    import inference  # type: ignore[import-not-found]  # the model's own

    model, lock = inference.model_fn(model_dir), Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)  # also of a request that is too large: who still sends hears no answer
            if length > LARGEST:
                self._answer(413, JSON, b"the request is too large")
                return
            kind, accept = self.headers.get("Content-Type"), self.headers.get("Accept")
            try:
                with lock:  # a worker answers one request after the other
                    answer = inference.transform_fn(
                        model,
                        body.decode() if kind in TEXT else bytearray(body),
                        kind,
                        JSON if accept in (None, "*/*") else accept,
                    )
            except Exception as error:  # whatever the model's code raises is an answer
                status = getattr(error, "status_code", 500)
                reason = str(getattr(error, "message", "")) if status != 500 else ""
                self._answer(status, "text/plain", (reason or traceback.format_exc()).encode())
                return
            content, answered = answer if isinstance(answer, tuple) else (answer, JSON)
            self._answer(200, answered, content.encode() if isinstance(content, str) else content)

        def _answer(self, status: int, kind: str, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: Any) -> None:
            """Say nothing of each request."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    temporary = told + ".new"
    Path(temporary).write_text(str(server.server_address[1]))
    os.replace(temporary, told)  # noqa: PTH105  as the server's, in one step
    server.serve_forever()


if __name__ == "__main__":
    main()
