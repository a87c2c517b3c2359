"""A network between two processes that a test can break: passes connections on to a port of this machine, and cuts or stalls them."""

import selectors
import socket
import threading

CHUNK = 1 << 16


class TcpProxy:
    """Listens on `port`, a free one unless it is given; to `target`. Its only thread owns the sockets, and takes orders from the test's."""

    def __init__(self, target, port=0):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.is_cut = False      # new connections are closed at once
        self.is_stalled = False  # nothing is read any more
        self.left = None         # bytes until it cuts itself; None: any number
        self.change = None       # (bytes, whether they come from who has connected) -> what is passed on in their place
        self.orders = []
        self.wake_reader, self.wake_writer = socket.socketpair()
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.selector.register(self.wake_reader, selectors.EVENT_READ)
        self.peers = {}       # socket: the one at its other side
        self.clients = set()  # those of them that have connected here
        self.is_closing = False
        self.thread = threading.Thread(target=self.run, name="tcp-proxy")
        self.thread.start()

    # --- for the test ---

    def cut(self):
        """Closes all connections, and new ones too, until mend()."""
        self.order(self.cut_now)

    def stall(self):
        """Keeps connections open and passes nothing on, until mend()."""
        self.order(self.stall_now)

    def mend(self):
        self.order(self.mend_now)

    def cut_after(self, count):
        """Cuts once so many more bytes have come from those who connect; mend() is not needed for the next connections."""
        self.order(lambda: setattr(self, "left", count))

    def change_with(self, change):
        """From now on `change(bytes, from_client)` is passed on in place of what comes; a message may come in pieces."""
        self.order(lambda: setattr(self, "change", change))

    def connections(self):
        return len(self.peers) // 2

    def close(self):
        self.order(lambda: setattr(self, "is_closing", True))
        self.thread.join()
        self.wake_writer.close()

    # --- the thread's ---

    def order(self, what):
        done = threading.Event()
        with self.lock:
            self.orders.append((what, done))
        self.wake_writer.send(b"x")
        done.wait()

    def cut_now(self):
        self.is_cut = True
        for each in list(self.peers):
            self.drop(each)

    def stall_now(self):
        self.is_stalled = True
        for each in self.peers:
            self.watch(each, False)

    def mend_now(self):
        self.is_cut = self.is_stalled = False
        for each in self.peers:
            self.watch(each, True)

    def watch(self, connection, reads):
        is_watched = connection in self.selector.get_map()
        if reads and not is_watched:
            self.selector.register(connection, selectors.EVENT_READ)
        elif not reads and is_watched:
            self.selector.unregister(connection)

    def drop(self, connection):
        other = self.peers.pop(connection, None)
        if other is None:
            return
        self.peers.pop(other)
        for each in (connection, other):
            self.watch(each, False)
            self.clients.discard(each)
            each.close()

    def accept(self):
        inner, _ = self.listener.accept()
        if self.is_cut:
            inner.close()
            return
        try:
            outer = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            inner.close()
            return
        for each in (inner, outer):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.peers[inner], self.peers[outer] = outer, inner
        self.clients.add(inner)
        for each in (inner, outer):
            self.watch(each, not self.is_stalled)

    def forward(self, connection):
        try:
            data = connection.recv(CHUNK)
            if data and connection in self.clients and self.left is not None:
                self.left -= len(data)
                if self.left <= 0:
                    self.left = None
                    data = b""
            if data and self.change is not None:
                data = self.change(data, connection in self.clients)
            if data:
                self.peers[connection].sendall(data)
        except OSError:
            data = b""
        if not data:
            self.drop(connection)

    def run(self):
        while not self.is_closing:
            for key, _ in self.selector.select():
                if key.fileobj is self.listener:
                    self.accept()
                elif key.fileobj is self.wake_reader:
                    self.wake_reader.recv(CHUNK)
                elif key.fileobj in self.peers:
                    self.forward(key.fileobj)
            with self.lock:
                orders, self.orders = self.orders, []
            for what, done in orders:
                what()
                done.set()
        self.cut_now()
        self.listener.close()
        self.wake_reader.close()
        self.selector.close()
