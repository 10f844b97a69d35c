"""Model providers on loopback that answer by a script: Anthropic's Messages API and OpenAI's Responses API."""
import http.server
import json
import threading
import time


def text(words):
    """An answer that ends the turn."""
    return {"say": words}


def tool(name, **arguments):
    """An answer that calls a tool."""
    return {"tool": name, "input": arguments}


def error(status, kind, message, **headers):
    """A refusal of the provider's."""
    return {"status": status, "kind": kind, "message": message,
            "headers": {name.replace("_", "-"): str(value) for name, value in headers.items()}}


SILENT = {"silent": True}  # accepts the request and never answers
PINGS = {"pings": True}  # begins an answer and then says nothing but that the connection lives
DROPPED = {"dropped": True}  # closes the connection in mid-answer
REFUSED = {"refusal": True}  # the model refuses
CUT = {"cut": True}  # the answer reaches the model's limit of tokens


class Provider:
    """Serves a script: one entry a request, the last one again and again; keeps what it was asked."""

    def __init__(self, script, answer):
        self.script, self.requests, self.lock, self.closing = script, [], threading.Lock(), threading.Event()
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
                with provider.lock:
                    entry = provider.script[min(len(provider.requests), len(provider.script) - 1)]
                    provider.requests.append(body)
                    number = len(provider.requests)
                try:
                    answer(self, provider, entry, body, number)
                except (BrokenPipeError, ConnectionResetError):
                    pass
                self.close_connection = True

            do_GET = do_POST

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()


def refuse(handler, entry, number):
    fields = entry.get("fields", {})
    body = {"type": "error", "error": {"type": entry["kind"], "message": entry["message"], **fields},
            "request_id": f"req_scripted_{number}"}
    data = json.dumps(body).encode()
    handler.send_response(entry["status"])
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)),
                        **entry["headers"]}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(data)


class Events:
    """Server-sent events, as both APIs send them."""

    def __init__(self, handler):
        self.handler = handler
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Connection", "close")
        handler.end_headers()

    def send(self, name, **fields):
        line = json.dumps({"type": name, **fields})
        self.handler.wfile.write(f"event: {name}\ndata: {line}\n\n".encode())
        self.handler.wfile.flush()


def messages(handler, provider, entry, body, number):
    """Answers one request for the Messages API."""
    if "status" in entry:
        return refuse(handler, entry, number)
    if entry.get("silent"):
        provider.closing.wait(600)
        return None
    usage = {"input_tokens": 12, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 1}
    words = entry.get("say", "I begin.")
    reason = "end_turn"
    block = {"type": "text", "text": words}
    if "tool" in entry:
        block = {"type": "tool_use", "id": f"toolu_{number:04}", "name": entry["tool"], "input": entry["input"]}
        reason = "tool_use"
    elif entry.get("refusal"):
        reason = "refusal"
    elif entry.get("cut"):
        reason = "max_tokens"
    message = {"id": f"msg_{number:04}", "type": "message", "role": "assistant", "model": body.get("model", "?"),
               "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
    if not body.get("stream"):
        message.update(content=[block], stop_reason=reason, usage={**usage, "output_tokens": 40})
        data = json.dumps(message).encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)
        return None
    events = Events(handler)
    events.send("message_start", message=message)
    if entry.get("pings"):
        while not provider.closing.wait(1):
            events.send("ping")
        return None
    if "tool" in entry:
        events.send("content_block_start", index=0, content_block={**block, "input": {}})
        delta = {"type": "input_json_delta", "partial_json": json.dumps(entry["input"])}
    else:
        events.send("content_block_start", index=0, content_block={"type": "text", "text": ""})
        delta = {"type": "text_delta", "text": words}
    events.send("content_block_delta", index=0, delta=delta)
    if entry.get("dropped"):
        return None
    events.send("content_block_stop", index=0)
    events.send("message_delta", delta={"stop_reason": reason, "stop_sequence": None}, usage={"output_tokens": 40})
    events.send("message_stop")
    return None


def responses(handler, provider, entry, body, number):
    """Answers one request for the Responses API."""
    if not handler.path.endswith("/responses"):
        return refuse(handler, error(404, "not_found", "no such path"), number)
    if "status" in entry:
        return refuse(handler, entry, number)
    if entry.get("silent"):
        provider.closing.wait(600)
        return None
    events = Events(handler)
    name = f"resp_{number:04}"
    events.send("response.created", response={"id": name})
    if entry.get("pings"):
        while not provider.closing.wait(1):
            events.send("response.in_progress", response={"id": name})
        return None
    if "tool" in entry:
        item = {"type": "function_call", "id": f"fc_{number}", "call_id": f"call_{number}", "name": entry["tool"],
                "arguments": json.dumps(entry["input"])}
    else:
        item = {"type": "message", "id": f"msg_{number}", "role": "assistant",
                "content": [{"type": "output_text", "text": entry.get("say", "I begin.")}]}
    events.send("response.output_item.done", output_index=0, item=item)
    if entry.get("dropped"):
        return None
    events.send("response.completed", response={
        "id": name, "usage": {"input_tokens": 100, "input_tokens_details": {"cached_tokens": 40}, "output_tokens": 20,
                              "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 120}})
    return None
