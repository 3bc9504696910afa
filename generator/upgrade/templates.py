"""The templates of a release: from this installation, else from where they are published."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from generator import __version__, git, releases, source
from generator.errors import GitError, ProjectError
from generator.plan import TemplateSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["BUNDLE", "OWN_TAG", "Templates"]

BUNDLE = "releases.bundle"
OWN_TAG = f"v{__version__}"

# Whatever a project's answers file says, git is not to run programs of its choice.
_NETWORK = {"GIT_ALLOW_PROTOCOL": "https:ssh"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Release:
    """Where git finds a release.

    Attributes:
        store: A repository without a work tree.
        commit: Its name in there.
        borrowed: Objects that the store lacks; empty when it has all.
    """

    store: Path
    commit: str
    borrowed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """Releases, unpacked once each into a folder that the caller removes.

    Attributes:
        scratch: The folder.
        bundle: What the build packed; None for the one of this installation, if it has one.
    """

    scratch: Path
    bundle: Path | None = None
    _unpacked: dict[tuple[str, str], Path] = field(default_factory=dict, repr=False)
    _in_bundle: dict[str, str] = field(default_factory=dict, repr=False)

    def at(self, tag: str, url: str) -> TemplateSource:
        """Return the templates of a release.

        Args:
            tag: Names it.
            url: Where the project says that it is published.

        Raises:
            ProjectError: It is neither here nor there.
        """
        own = source.template_url()
        if tag == OWN_TAG and url == own:
            return replace(source.find(), ref=tag)
        if (tag, url) not in self._unpacked:
            folder = self.scratch / f"release-{len(self._unpacked)}"
            self._unpack(self._found(tag, url, embedded=url == own), folder)
            self._unpacked[tag, url] = folder
        return TemplateSource(root=self._unpacked[tag, url], url=url, ref=tag)

    def _unpack(self, release: _Release, folder: Path) -> None:
        """Write a release as it is, whatever git is configured to make of files here."""
        folder.mkdir()
        place = {
            "GIT_DIR": str(release.store),
            "GIT_WORK_TREE": str(folder),
            "GIT_INDEX_FILE": f"{folder}.index",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": release.borrowed,
        }
        plain = ("core.symlinks=false", "core.autocrlf=false", "core.eol=lf")
        words = ("checkout", "--quiet", release.commit, "--", *releases.PARTS)
        settled = (word for setting in plain for word in ("-c", setting))
        git.output(folder, *settled, *words, settings={**git.UNCONFIGURED, **place})

    def _found(self, tag: str, url: str, *, embedded: bool) -> _Release:
        root = source.root()
        bundle = self.bundle or root / BUNDLE
        known: Mapping[str, str] = {}
        if embedded and bundle.is_file():
            store = self._store("bundle")
            known = self._unbundled(bundle, store)
            if tag in known:
                return _Release(store=store, commit=known[tag])
        elif embedded and releases.is_clone(root):
            known = releases.find(root)
            if tag in known:
                asked = ("--path-format=absolute", "--git-path", "objects", known[tag])
                objects, commit = git.output(root, "rev-parse", *asked).decode().split("\n")[:2]
                return _Release(store=self._store("clone"), commit=commit, borrowed=objects)
        return self._over_the_network(tag, url, known)

    def _unbundled(self, bundle: Path, store: Path) -> Mapping[str, str]:
        """Return the name of the commit of every release in a bundle, whose objects are in the store then."""
        if not self._in_bundle:
            printed = git.output(store, "bundle", "unbundle", str(bundle))
            listed = (line.split(" ", 1) for line in printed.decode().splitlines())
            self._in_bundle.update((ref.removeprefix("refs/tags/"), commit) for commit, ref in listed)
        return self._in_bundle

    def _over_the_network(self, tag: str, url: str, known: Iterable[str]) -> _Release:
        store = self._store(f"network-{len(self._unpacked)}")
        names = f"refs/tags/{tag}:refs/tags/{tag}"
        try:
            git.output(
                store, "fetch", "--quiet", "--no-tags", "--depth=1", "--", url, names, settings=_NETWORK
            )
        except GitError as error:
            here = ", ".join([*known, OWN_TAG]) if url == source.template_url() else OWN_TAG
            raise ProjectError(
                f"the templates of {tag} are missing: this new-service has {here}, "
                f"and {url} did not give them ({error.message})",
                hint="install a new-service that was built with all its releases, or connect to that place",
            ) from error
        return _Release(store=store, commit=f"refs/tags/{tag}")

    def _store(self, name: str) -> Path:
        store = self.scratch / name
        if not store.is_dir():
            store.mkdir()
            git.output(store, "init", "--quiet", "--bare", "--template=", settings=git.UNCONFIGURED)
        return store
