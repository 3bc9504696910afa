# Below .python-version pyenv's shim looks for uv in that Python only; asked from elsewhere it finds it.
UV := $(shell (cd / && pyenv which uv) 2>/dev/null || echo uv)
