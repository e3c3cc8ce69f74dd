"""tls_proxy.py FOLDER PORT: a proxy for HTTPS that ends TLS with the certificate in FOLDER and leads
every request to PORT on this machine, with the host it was for in a header. Prints its port."""
import http.client, socket, ssl, sys, threading

context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(f"{sys.argv[1]}/server.pem", f"{sys.argv[1]}/server.key")


def head(stream):
    lines = []
    while line := stream.readline().rstrip(b"\r\n"):
        lines.append(line.decode())
    return lines


def serve(client):
    stream = client.makefile("rb")
    host = head(stream)[0].split()[1].rsplit(":", 1)[0]
    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    client = context.wrap_socket(client, server_side=True)
    stream = client.makefile("rb")
    while lines := head(stream):
        method, target, _ = lines[0].split()
        headers = dict(line.split(": ", 1) for line in lines[1:])
        length = next((int(v) for n, v in headers.items() if n.lower() == "content-length"), 0)
        headers["x-real-host"] = host
        server = http.client.HTTPConnection("127.0.0.1", int(sys.argv[2]))
        server.request(method, target, stream.read(length), headers)
        reply = server.getresponse()
        body = reply.read()
        told = [f"HTTP/1.1 {reply.status} Led", *(f"{n}: {v}" for n, v in reply.getheaders())]
        client.sendall("\r\n".join(told).encode() + b"\r\n\r\n" + body)
        server.close()


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
