"""What the audit hook tells of a running cell: files, requests, programs; and never an error."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.unit.senses.cells import Cells, listening
from workbench.origin.graph import Mark
from workbench.senses import observing
from workbench.senses.readings import Address, Reading

TABLE = b"age,dose\n61,4\n"


class Page(BaseHTTPRequestHandler):
    """Serves one table from memory, by way of a redirect if asked for one."""

    def do_GET(self) -> None:
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", "/a.csv?token=Qx7Zw9")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(TABLE)))
        self.end_headers()
        self.wfile.write(TABLE)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    do_PUT = do_POST

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cells]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_bytes(TABLE)
    with listening(tmp_path) as one:
        yield one


class TestFiles:
    @pytest.mark.parametrize(
        ("mode", "uses"),
        [("r", {False: "observed"}), ("rb", {False: "observed"}), ("r+", {False: "observed"}),
         ("w", {True: "observed"}), ("w+", {True: "observed"}),
         ("a", {False: "inferred", True: "observed"}),
         ("a+", {False: "inferred", True: "observed"}),
         ("ab", {False: "inferred", True: "observed"})],
    )  # fmt: skip
    def test_modes(self, cells: Cells, mode: str, uses: dict[bool, str]) -> None:
        """Open to be read, also if it may be written to; or to be written, anew or on."""
        found = cells.run(f"open('a.csv', {mode!r}).close()")
        assert {one.wrote: one.mark.value for one in found} == uses
        assert len(found) == len(uses)

    @pytest.mark.parametrize("mode", ["x", "w"])
    def test_made_anew(self, cells: Cells, mode: str) -> None:
        """A file that was not there is written, in whichever mode that is possible."""
        assert cells.written(f"open('b.csv', {mode!r}).close()") == {"b.csv": "observed"}
        code = "import os\nos.close(os.open('c.csv', os.O_RDWR | os.O_CREAT))"
        assert cells.written(code) == {"c.csv": "observed"}

    def test_size_and_time_are_those_of_when_it_was_read(self, cells: Cells) -> None:
        """What is done to the file later in the cell does not change what was read."""
        before = Path("a.csv").stat()
        code = "open('a.csv').read()\nopen('a.csv', 'a').write('58,6')"
        read, kept, written = cells.run(code)
        assert (kept.line, kept.size) == (2, read.size)
        assert (read.size, read.changed) == (before.st_size, before.st_mtime_ns)
        assert written.size == before.st_size + 4

    @pytest.mark.parametrize(
        "code",
        [
            "import os\nos.replace('a.csv', 'there.csv')",
            "import shutil\nshutil.move('a.csv', 'there.csv')",
            "import os\nos.link('a.csv', 'there.csv')",
            "from pathlib import Path\nPath('there.csv').symlink_to('a.csv')",
            "import os\nos.mkdir('in')\nos.symlink('../a.csv', 'in/there.csv')",
        ],
    )
    def test_another_name_hands_on_what_a_file_holds(self, cells: Cells, code: str) -> None:
        """Under the new name is what was under the old one."""
        read, written = cells.run(code)
        assert (cells.short(read), read.wrote, read.mark) == ("a.csv", False, Mark.observed)
        assert (written.address.text.endswith("there.csv"), written.wrote) == (True, True)

    def test_they_stay_in_order(self, cells: Cells) -> None:
        """What is read of a file before it is written is not what is written."""
        code = "open('b.csv', 'w').write(open('a.csv').read())\nopen('b.csv').read()"
        found = [(cells.short(one), one.wrote, one.line) for one in cells.run(code)]
        assert found == [("b.csv", True, 1), ("a.csv", False, 1), ("b.csv", False, 2)]

    def test_bytes_and_descriptors(self, cells: Cells) -> None:
        """A path may be bytes; a file that is open already is opened no second time."""
        code = "import os\nfd = os.open(b'a.csv', os.O_RDONLY)\nopen(fd).read()"
        assert [one.line for one in cells.run(code)] == [2]

    def test_folders_and_devices_are_not_read(self, cells: Cells) -> None:
        """Only ordinary files hold data."""
        os.mkfifo("pipe.csv")
        code = (
            "import os\nos.close(os.open('.', os.O_RDONLY))\n"
            "os.close(os.open('pipe.csv', os.O_RDONLY | os.O_NONBLOCK))\nopen(os.devnull).read()"
        )
        assert cells.run(code) == []

    def test_what_this_package_does_for_itself(self, cells: Cells) -> None:
        """A cell that calls the workbench read nothing because the workbench did."""
        program = "def act(path):\n    return open(path).read()\n"
        own: dict[str, object] = {"__name__": "workbench.stores.disk"}
        exec(program, own)  # noqa: S102 - a function that says it is the workbench's
        cells.names["act"] = own["act"]
        assert [one for one in cells.run("act('a.csv')") if one.how != "inotify"] == []


class TestLines:
    def test_the_outermost_line_of_the_cell(self, cells: Cells) -> None:
        """A function of the notebook, a library's callback, ``exec``: the statement counts."""
        code = (
            "from functools import reduce\n"
            "def load(path):\n"
            "    with open(path) as file:\n"
            "        return file.read()\n"
            "first = load('a.csv')\n"
            "second = reduce(lambda old, path: load(path), ['a.csv'], '')\n"
            "exec('\\n\\n\\nload(\"a.csv\")')\n"
        )
        assert [one.line for one in cells.run(code)] == [5, 6, 7]

    def test_a_helper_module(self, cells: Cells) -> None:
        """What a module reads when it is called, or when it is loaded, the calling line reads."""
        Path("helper_of_observing.py").write_text(
            "TABLE = open('a.csv').read()\ndef load():\n    return open('a.csv').read()\n"
        )
        code = (
            "import importlib, sys\nimportlib.invalidate_caches()\nsys.path.insert(0, '.')\n"
            "import helper_of_observing as h\nh.load()"
        )
        try:
            found = cells.run(code)
        finally:
            sys.path.remove(".")
            del sys.modules["helper_of_observing"]
        assert [(one.line, one.how) for one in found] == [
            (4, "helper_of_observing"),
            (5, "helper_of_observing.load"),
        ]

    def test_a_task_has_no_line(self, cells: Cells) -> None:
        """What runs beside the cell is not known to be its doing."""

        async def beside() -> None:
            Path("a.csv").read_text()

        told: list[Reading] = []
        observing.begin({}, told.append)
        asyncio.run(beside())
        observing.end()
        assert [(one.line, one.mark) for one in told] == [(None, Mark.inferred)]


class TestRequests:
    @pytest.mark.parametrize(
        ("code", "how", "mark"),
        [
            ("from urllib.request import urlopen\nurlopen(url)", "urllib.urlopen", "observed"),
            ("import requests\nrequests.get(url)", "requests.get", "observed"),
            ("import pandas\npandas.read_csv(url)", "pandas.read_csv", "observed"),
            ("import httpx\nhttpx.get(url)", "httpx.Client.send", "resolved"),
            ("import requests\nrequests.post(url, data='x')", "requests.post", "inferred"),
        ],
    )  # fmt: skip
    def test_the_address_without_the_query(
        self, cells: Cells, site: str, code: str, how: str, mark: str
    ) -> None:
        """Asked for: observed. Posted to, it may have answered or only been told."""
        cells.names["url"] = f"http://{site}/data/a.csv?token=Qx7Zw9#Qx7Zw9"
        (one,) = cells.run(code)
        assert one.address == Address(f"http://{site}/data/a.csv", "http")
        assert (one.how, one.mark, one.wrote, one.size) == (how, Mark(mark), False, -1)
        assert one.line == code.count("\n") + 1

    def test_a_login_goes(self, cells: Cells, site: str) -> None:
        """User and password are sent, and not told."""
        cells.names["url"] = f"http://anna:Qx7Zw9@{site}/a.csv"
        (one,) = cells.run("import requests\nrequests.get(url)")
        assert one.address.text == f"http://{site}/a.csv"

    def test_a_redirect_is_two_addresses(self, cells: Cells, site: str) -> None:
        """What was asked for, and where it was; the hint that came with it is not told."""
        cells.names["url"] = f"http://{site}/moved/a.csv"
        found = cells.marks("import requests\nrequests.get(url)")
        assert found == {
            f"http://{site}/moved/a.csv": "observed",
            f"http://{site}/a.csv": "observed",
        }

    def test_an_upload_is_written(self, cells: Cells, site: str) -> None:
        """As object stores take files."""
        cells.names["url"] = f"http://{site}/a.csv"
        (one,) = cells.run("import requests\nrequests.put(url, data='x')")
        assert (one.wrote, one.mark) == (True, Mark.observed)

    def test_other_protocols_are_told_by_host_and_port(self, cells: Cells) -> None:
        """A database's port on this machine counts; the talk of a kernel with itself does not."""
        for port in sorted(observing.DATA_PORTS):
            try:
                server = socket.create_server(("127.0.0.1", port))
                break
            except OSError:
                continue
        other = socket.create_server(("127.0.0.1", 0))
        cells.names["ports"] = [server.getsockname()[1], other.getsockname()[1]]
        code = (
            "import socket\nfor port in ports:\n    socket.create_connection(('localhost', port))"
        )
        (one,) = cells.run(code)
        port = server.getsockname()[1]
        assert one.address == Address(f"tcp://localhost:{port}", "tcp")
        assert (one.mark, one.line) == (Mark.inferred, 3)
        server.close()
        other.close()


class TestHarmless:
    def test_an_error_in_the_hook_reaches_nobody(
        self, cells: Cells, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The file is opened all the same, and that something was missed is said."""

        def fail(*_: object) -> None:
            raise RecursionError("deep")

        monkeypatch.setattr(observing, "place", fail)
        cells.run("text = open('a.csv').read()")
        assert cells.names["text"] == TABLE.decode()
        assert cells.senses.gaps() == ("Some of what was opened could not be looked at.",)

    def test_an_interrupt_is_the_users(self, cells: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
        """Pressed while the hook runs, it stops the cell as it should."""

        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(observing, "place", interrupt)
        with pytest.raises(KeyboardInterrupt):
            cells.run("open('a.csv')")

    def test_an_error_of_the_cell_is_its_own(self, cells: Cells) -> None:
        """What was read before it is told, and the next cell starts anew."""
        told: list[Reading] = []
        observing.begin(cells.names, told.append)
        with pytest.raises(ZeroDivisionError):
            exec(compile("open('a.csv')\n1 / 0", "<cell>", "exec"), cells.names)  # noqa: S102
        observing.end()
        assert [one.line for one in told] == [1]
        assert observing.running() is None
        assert observing.end() is None

    def test_a_forked_child_is_not_observed(self, cells: Cells) -> None:
        """It has a copy of the cell, and no part in it."""
        told: list[Reading] = []
        observing.begin(cells.names, told.append)
        child = os.fork()
        if child == 0:
            Path("a.csv").read_text()
            fine = observing.running() is None and observing.end() is None and told == []
            os._exit(0 if fine else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert observing.end() is not None
        assert told == []

    def test_refused_by_another_hook_it_says_so(self) -> None:
        """Some hosts allow no further hooks."""
        program = (
            "import sys\n"
            "def guard(event, args):\n"
            "    if event == 'sys.addaudithook':\n"
            "        raise RuntimeError('no')\n"
            "sys.addaudithook(guard)\n"
            "from workbench.senses import observing\n"
            "assert observing.install() == "
            "'What the interpreter opens cannot be observed in this process.'\n"
        )
        subprocess.run([sys.executable, "-c", program], check=True)

    def test_installed_once(self) -> None:
        """However often it is asked for, an opening is told of once."""
        assert observing.install() == observing.install() == ""
        program = (
            "import sys\nfrom workbench.senses import observing\n"
            "added = []\n"
            "sys.addaudithook(lambda e, a: added.append(e) if e == 'sys.addaudithook' else None)\n"
            "observing.install(), observing.install()\n"
            "assert len(added) == 1, added\n"
        )
        subprocess.run([sys.executable, "-c", program], check=True)
