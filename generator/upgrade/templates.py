"""The templates of a release: from this installation, else from where they are published."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from generator import __version__, git, releases, source
from generator.errors import GitError, ProjectError
from generator.plan import TemplateSource

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["BUNDLE", "OWN_TAG", "Templates"]

BUNDLE = "releases.bundle"
OWN_TAG = f"v{__version__}"

# Whatever a project's answers file says, git is not to run programs of its choice.
_NETWORK = {"GIT_ALLOW_PROTOCOL": "https:ssh", "GIT_SSH_COMMAND": "ssh -oBatchMode=yes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """Releases, unpacked once each into a folder that the caller removes.

    Attributes:
        scratch: The folder.
    """

    scratch: Path
    _unpacked: dict[tuple[str, str], Path] = field(default_factory=dict, repr=False)

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
            store, commit = self._fetched(tag, url, embedded=url == own)
            archived = git.output(store, "archive", "--format=tar", commit, *releases.PARTS)
            with tarfile.open(fileobj=io.BytesIO(archived)) as archive:
                archive.extractall(folder, filter="data")
            self._unpacked[tag, url] = folder
        return TemplateSource(root=self._unpacked[tag, url], url=url, ref=tag)

    def _fetched(self, tag: str, url: str, *, embedded: bool) -> tuple[Path, str]:
        """Return a repository that has the release, and the commit's name in it."""
        root = source.root()
        bundle = root / BUNDLE
        known: Iterable[str] = ()
        if embedded and bundle.is_file():
            store = self._store("bundle")
            if not (store / "FETCH_HEAD").exists():
                git.output(store, "fetch", "--quiet", str(bundle), "refs/tags/*:refs/tags/*")
            known = git.output(store, "tag", "--list").decode().split()
            if tag in known:
                return store, f"refs/tags/{tag}"
        elif embedded and releases.is_clone(root):
            found = releases.find(root)
            if tag in found:
                return root, found[tag]
            known = found
        return self._over_the_network(tag, url, known)

    def _over_the_network(self, tag: str, url: str, known: Iterable[str]) -> tuple[Path, str]:
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
        return store, f"refs/tags/{tag}"

    def _store(self, name: str) -> Path:
        store = self.scratch / name
        if not store.is_dir():
            store.mkdir()
            git.output(store, "init", "--quiet", "--bare", "--template=", settings=git.UNCONFIGURED)
        return store
