"""Builds, checks and tests plugins written in Python: run by the Python that has the packages of `requirements.txt`.

    cairn_plugin_py.py build [folder] [--out plugin.wasm]   the plugin of a folder as a component
    cairn_plugin_py.py check [folder]                       its types
    cairn_plugin_py.py test [folder]                        its tests/test_*.py, without a host
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

LIBRARY = Path(__file__).resolve().parent
VERSION = "0.1.0"
# Tables that main.py may have: the key of their sections in the manifest, the interface they become, and its functions with what they get.
TABLES = {
    "subscriptions": ("subscription", "event-handler", {"handle": "call, subscription, events"}),
    "jobs": ("job", "job-handler", {"run": "call, task"}),
    "routes": ("route", "http-handler", {"handle": "call, request"}),
    "views": ("admin.view", "admin", {"view": "call, request", "act": "call, request"}),
}
# Tables without a section in the manifest: main.py has them, or the plugin takes no part.
OPTIONAL = {"privacy": ("privacy", {"report": "call, person, cursor", "erase": "call, person, cursor"})}
# How long a component may take to be made, in seconds, where `CAIRN_PLUGIN_BUILD_SECONDS` says nothing else.
PATIENCE = 300
# What every component imports: the clock and randomness of the standard library, and the log for what is raised.
ALWAYS = {"clock", "random", "log"}


class Mistake(Exception):
    """Of the author's: told without a traceback."""


def contract() -> Path:
    """The contract: in the library itself, or beside it in the repository."""
    for folder in (LIBRARY / "wit/v0.1", LIBRARY.parent / "wit/v0.1"):
        if folder.is_dir():
            return folder
    raise Mistake("the contract (wit/v0.1) is neither in sdk-py nor beside it")


def sections(folder: Path) -> dict[str, list[str]]:
    """The names of each table's sections in `plugin.toml`. Everything else about it is for `cairn plugin check`."""
    path = folder / "plugin.toml"
    try:
        manifest = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Mistake(f"{path}: {error}") from None
    for other in ("hook", "read-policy"):
        if other in manifest:
            raise Mistake(f"{path} has [{other}], which plugins in Python do not answer: write that part in Rust or TypeScript")
    listed_jobs = manifest.get("job")
    if isinstance(listed_jobs, list) and any(isinstance(job, dict) and "batch" in job for job in listed_jobs):
        raise Mistake(f"{path} has a [[job]] with `batch`, which plugins in Python do not answer: remove it, and jobs run one by one")
    found = {}
    for table, (key, *_) in TABLES.items():
        listed: object = manifest
        for part in key.split("."):
            listed = listed.get(part) if isinstance(listed, dict) else None
        # A page in a frame is drawn by itself.
        sections = [one for one in listed if isinstance(one, dict) and "frame" not in one] if isinstance(listed, list) else []
        found[table] = [str(one.get("name")) for one in sections]
    return {table: names for table, names in found.items() if names}


def tables(main: Path, declared: dict[str, list[str]]) -> list[str]:
    """The tables that go into the component, once `main.py` agrees with the manifest."""
    tree = parsed(main)
    assigned = {
        target.id
        for node in tree.body
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    imported = {alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    for table, (key, *_) in TABLES.items():
        if table in declared and table not in assigned | imported:
            names = ", ".join(f'"{name}": …' for name in declared[table])
            raise Mistake(f"plugin.toml has [[{key}]], and src/main.py no `{table}`; write\n    {table} = {{{names}}}")
        if table in assigned and table not in declared:
            raise Mistake(f"src/main.py has `{table}`, and plugin.toml no [[{key}]]")
    return [table for table in TABLES if table in declared] + [table for table in OPTIONAL if table in assigned | imported]


def parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(encoding="utf-8"), str(path))
    except (SyntaxError, UnicodeDecodeError) as error:
        raise Mistake(str(error)) from None


def used(main: Path, source: Path) -> tuple[set[str], list[Path]]:
    """The interfaces that a plugin imports, by what its modules import, and those modules."""
    roots = (source, LIBRARY)
    interfaces, waiting, seen = set(ALWAYS), [main], set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for name in imported(path, roots):
            if name.startswith("wit_world.imports."):
                interfaces.add(name.split(".")[2].replace("_", "-"))
            for root in roots:
                base = root.joinpath(*name.split("."))
                waiting.extend(found for found in (base.with_suffix(".py"), base / "__init__.py") if found.is_file())
    return interfaces - {"types"}, sorted(seen)


def imported(path: Path, roots: tuple[Path, ...]) -> list[str]:
    """Dotted names of all that a module imports, at its top or inside functions."""
    root = next(root for root in roots if path.is_relative_to(root))
    package = list(path.relative_to(root).parent.parts)
    names: list[str] = []
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join(above + (node.module.split(".") if node.module else []))
            names.append(base)
            names.extend(f"{base}.{alias.name}" for alias in node.names)
    return [name for name in names if name]


def write_world(folder: Path, imports: set[str], exports: list[str]) -> None:
    """The contract and a world of only what is imported and exported."""
    shutil.copytree(contract(), folder / "deps/cairn-plugin")
    lines = [f"  import cairn:plugin/{name}@{VERSION};" for name in sorted(imports)]
    lines += [f"  export cairn:plugin/{name}@{VERSION};" for name in exports]
    (folder / "world.wit").write_text("package cairn:sdk-py;\n\nworld component {\n" + "\n".join(lines) + "\n}\n")


def entry(chosen: list[str], declared: dict[str, list[str]]) -> str:
    """The module that joins the plugin's tables to the interfaces of the contract."""
    lines = ["from cairn_plugin import _host", "_host.patch()", "import main", "from cairn_plugin import _guard"]
    for table in chosen:
        interface, functions = OPTIONAL[table] if table in OPTIONAL else TABLES[table][1:]
        name = "".join(part.capitalize() for part in interface.split("-"))
        if table in TABLES:
            lines.append(f"_guard.expect(main.{table}, {declared[table]!r}, {table!r}, '[[{TABLES[table][0]}]]')")
        lines += [f"from cairn_plugin import _{table}", f"class {name}:"]
        for function, arguments in functions.items():
            lines += [f"    def {function}(self, {arguments}):", f"        return _{table}.{function}(main.{table}, {arguments})"]
    return "\n".join(lines) + "\n"


def build(folder: Path, out: Path) -> bool:
    """Writes the component, unless what is there was made of the same: Python itself makes it large, and what is compiled of it slow."""
    source = folder / "src"
    main = source / "main.py"
    if not main.is_file():
        raise Mistake(f"{folder} has no src/main.py")
    declared = sections(folder)
    chosen = tables(main, declared)
    if not chosen:
        raise Mistake("plugin.toml has neither [[subscription]] nor [[job]] nor [[route]] nor [[admin.view]]: there is nothing to call the plugin for")
    imports, _ = used(main, source)
    for table in chosen:
        imports |= used(LIBRARY / f"cairn_plugin/_{table}.py", source)[0]
    joined = entry(chosen, declared)
    files = [*sorted(source.rglob("*.py")), *sorted((LIBRARY / "cairn_plugin").rglob("*.py")), *sorted(contract().iterdir())]
    version = importlib.metadata.version("componentize-py")
    key = fingerprint([joined, version, *sorted(imports)], files)
    note = out.with_name(f".{out.name}.key")
    exports = [OPTIONAL[table][0] if table in OPTIONAL else TABLES[table][1] for table in chosen]
    made = not (out.is_file() and note.is_file() and note.read_text() == f"{key}\n{fingerprint([], [out])}\n")
    if made:
        note.unlink(missing_ok=True)
        component(source, joined, imports, exports, out)
        note.write_text(f"{key}\n{fingerprint([], [out])}\n")
    about = f"{out.stat().st_size // 1024} KiB; imports {', '.join(sorted(imports))}; exports {', '.join(exports)}"
    print(f"{os.path.relpath(out)}{'' if made else ' is up to date'} ({about})")
    return True


def component(source: Path, joined: str, imports: set[str], exports: list[str], out: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="cairn-plugin-py-") as scratch:
        place = Path(scratch)
        write_world(place / "wit", imports, exports)
        app = place / "app"
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, app, ignore=ignored)
        shutil.copytree(LIBRARY / "cairn_plugin", app / "cairn_plugin", ignore=ignored)
        (app / "cairn_component.py").write_text(joined)
        made = place / "plugin.wasm"
        tool = Path(sys.executable).with_name("componentize-py")
        arguments: list[str | Path] = ["-d", place / "wit", "-w", "component", "componentize", "--stub-wasi", "-p", app, "cairn_component", "-o", made]
        seconds = patience()
        try:
            ended = subprocess.run([tool, *arguments], capture_output=True, text=True, check=False, timeout=seconds)
        except subprocess.TimeoutExpired:
            raise Mistake(
                f"the plugin was not built within {seconds:g} s: code at the top level of a module runs while it is built, and does not seem to end. "
                "Move loops and long work into a handler; on a slow machine, set CAIRN_PLUGIN_BUILD_SECONDS to more"
            ) from None
        if ended.returncode != 0 or not made.is_file():
            raise Mistake(f"the component could not be made:\n{(ended.stderr or ended.stdout).strip()}")
        out.parent.mkdir(parents=True, exist_ok=True)
        # By way of another name: who reads meanwhile sees the old one or the new one.
        half = out.with_name(f"{out.name}.new")
        shutil.copyfile(made, half)
        half.replace(out)


def patience() -> float:
    """The seconds that a component may take to be made."""
    try:
        given = float(os.environ.get("CAIRN_PLUGIN_BUILD_SECONDS", ""))
    except ValueError:
        return PATIENCE
    return given if given > 0 else PATIENCE


def fingerprint(texts: list[str], files: list[Path]) -> str:
    digest = hashlib.sha256()
    for part in [*(text.encode() for text in texts), *(file.read_bytes() for file in files)]:
        digest.update(f"{len(part)}\n".encode())
        digest.update(part)
    return digest.hexdigest()


def with_bindings(folder: Path, run: list[str], place: Path) -> subprocess.Popen[bytes]:
    """Runs a module of Python that finds the plugin, the library, and the contract as Python has it."""
    everything = {path.stem for path in (LIBRARY / "cairn_plugin").glob("*.py")}
    imports = {name for stem in everything for name in used(LIBRARY / f"cairn_plugin/{stem}.py", LIBRARY)[0]}
    write_world(place / "wit", imports, [*(TABLES[table][1] for table in TABLES), *(OPTIONAL[table][0] for table in OPTIONAL)])
    tool = Path(sys.executable).with_name("componentize-py")
    subprocess.run([tool, "-q", "-d", place / "wit", "-w", "component", "bindings", place / "bindings"], check=True)
    paths = [str(path) for path in (folder / "src", LIBRARY, place / "bindings") if path.is_dir()]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "MYPYPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen([sys.executable, "-m", *run], cwd=folder, env=environment, stderr=subprocess.PIPE)


def check(folder: Path) -> bool:
    """Types, by mypy."""
    places = [folder / "src", folder / "cairn_plugin", folder / "tests", folder / "cairn_plugin_py.py"]
    # `tests/` may have nothing but steps for the built component.
    targets = [str(path) for path in places if path.is_file() or any(path.rglob("*.py"))]
    with tempfile.TemporaryDirectory(prefix="cairn-plugin-py-") as scratch:
        place = Path(scratch)
        options = ["--strict", "--no-error-summary", "--cache-dir", str(place / "cache"), "--follow-imports=silent", "--explicit-package-bases"]
        process = with_bindings(folder, ["mypy", *options, *targets], place)
        _, errors = process.communicate()
        sys.stderr.buffer.write(errors)
        return process.returncode == 0


def test(folder: Path) -> bool:
    """Unit tests. There is no host: what they need of it they put in place of the functions of `wit_world.imports` themselves."""
    if not (folder / "tests").is_dir():
        raise Mistake(f"{folder} has no tests/")
    with tempfile.TemporaryDirectory(prefix="cairn-plugin-py-") as scratch:
        process = with_bindings(folder, ["unittest", "discover", "-s", "tests", "-v"], Path(scratch))
        _, output = process.communicate()
        sys.stdout.write(output.decode("utf-8", "replace"))
        lines = output.decode("utf-8", "replace").splitlines()
        passed = sum(line.endswith(" ... ok") for line in lines)
        failed = sum(line.endswith((" ... FAIL", " ... ERROR")) for line in lines)
        if process.returncode != 0 and failed == 0:
            failed = 1
        print(f"{passed} passed, {failed} failed")
        return process.returncode == 0


def run() -> int:
    parser = argparse.ArgumentParser(prog="cairn_plugin_py.py", usage=(__doc__ or "").split("\n\n")[1].strip())
    parser.add_argument("command", choices=["build", "check", "test"])
    parser.add_argument("folder", nargs="?", default=".", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    folder = given.folder.resolve()
    try:
        if not folder.is_dir():
            raise Mistake(f"{folder} is no folder")
        if given.command == "build":
            done = build(folder, (given.out or folder / "plugin.wasm").resolve())
        else:
            done = check(folder) if given.command == "check" else test(folder)
    except Mistake as mistake:
        print(mistake, file=sys.stderr)
        return 1
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(run())
