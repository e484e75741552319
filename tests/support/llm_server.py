"""A chat endpoint on this machine that answers as the name of the model says: well, late, broken, or not at all."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

RIGHT = "Here it is:\n```python\ndef program(xs):\n    return list(xs)\n```\nIt copies."
WRONG = "```python\ndef program(xs):\n    return [0 for x in xs]\n```"
USAGE = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}


class Server(ThreadingHTTPServer):
    """`requests` are the bodies received, `keys` what was sent as authorization."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[dict[str, Any]] = []
        self.keys: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        kind, messages = body["model"], body["messages"]
        with self.server.lock:
            self.server.requests.append(body)
            self.server.keys.add(self.headers["Authorization"])
            self.server.counts[kind] += 1
            count = self.server.counts[kind]
        match kind:
            case "slow":
                time.sleep(0.3)
                self.say(RIGHT)
            case "late":
                time.sleep(5)
                self.say(RIGHT)
            case "dripping":
                self.drip()
            case "dripping headers":
                self.drip(b"HTTP/1.1 200 OK\r\nContent-Type: ")
            case "busy":  # twice, then it has time
                if count <= 2:
                    self.send(429, b'{"error": {"message": "too many requests"}}')
                else:
                    self.say(RIGHT)
            case "broken":
                self.send(500, b"oh no")
            case "stranger":
                self.send(
                    401, json.dumps({"error": {"message": f"no such key: {self.headers['Authorization']}"}}).encode()
                )
            case "truncated":
                self.send(200, b'{"choices": [{"message": {"cont')
            case "truncated once":
                self.send(200, b'{"choices": [') if count == 1 else self.say(RIGHT)
            case "empty":
                self.send(200, b'{"choices": []}')
            case "counted nothing":
                self.send(200, json.dumps({"choices": [], "usage": USAGE}).encode())
            case "huge":
                self.send(200, b'{"choices": "' + b"x" * (6 << 20) + b'"}')
            case "prose":
                self.say("I think the function copies its input. That is all I can say.")
            case "echo":
                self.say(f"{RIGHT}\nYour key is {self.headers['Authorization']}.")
            case "uncounted":
                self.say(RIGHT, usage=None)
            case "learner":
                self.say(RIGHT if len(messages) > 1 else WRONG)
            case "fool":
                self.say(WRONG)
            case _:
                self.say(RIGHT)

    def say(self, text: str, usage: Any = USAGE) -> None:
        choices = [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}]
        self.send(
            200, json.dumps({"id": "1", "object": "chat.completion", "choices": choices, "usage": usage}).encode()
        )

    def send(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Retry-After-Ms", "10")
        self.end_headers()
        self.write(content)

    def drip(self, head: bytes = b"") -> None:
        """Send an answer that never ends, or never leaves its headers."""
        if head:
            self.write(head)
        else:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
        for _ in range(100):
            self.write(b" ")
            time.sleep(0.1)

    def write(self, content: bytes) -> None:
        try:
            self.wfile.write(content)
            self.wfile.flush()
        except OSError:  # who asked is gone
            self.close_connection = True


@contextmanager
def serving() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
