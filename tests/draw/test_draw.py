"""Pictures in files: each format, and no file where one can't be written."""

import pytest

import tracer as tf
from tracer.draw import renderers

MAGIC = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF", ".dot": b"digraph"}


@pytest.mark.parametrize("extension", MAGIC)
def test_render_writes_the_format_of_the_extension(extension, tmp_path, regression):
    path = tmp_path / f"picture{extension}"
    assert tf.render(regression[0], path, view="both") is path
    assert path.read_bytes().startswith(MAGIC[extension])


@pytest.mark.parametrize("name", ["picture.html", "picture", "picture.gif"])
def test_render_refuses_other_extensions(name, tmp_path):
    with pytest.raises(ValueError, match=r"must end in \.svg, \.png, \.pdf or \.dot"):
        tf.render(tf.symbols("x"), tmp_path / name)
    assert not list(tmp_path.iterdir())


def fail(source, format):
    raise OSError("broken build")


@pytest.mark.unchecked
def test_the_largest_picture_is_drawn_in_time(tmp_path):
    """Each of 130 operations reads the source, so that there are as many long edges."""
    x = y = tf.symbols("x")
    for _ in range(130):
        y = tf.sin(y) * x
    tf.render(y, tmp_path / "large.svg", max_nodes=400)


def test_without_a_renderer_the_error_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(renderers, "RENDERERS", ())
    with pytest.raises(RuntimeError, match=r"pip install 'symbolic-tracer\[render\]'.* or render into a '\.dot' file"):
        tf.render(tf.symbols("x"), str(tmp_path / "x.png"))
    assert not list(tmp_path.iterdir())


def test_a_drawing_that_fails_leaves_no_file_and_no_part_of_one(monkeypatch, tmp_path):
    x = tf.symbols("x")
    (tmp_path / "taken.dot").mkdir()
    for name in ("taken.dot", "absent/x.dot", "absent/x.svg"):
        with pytest.raises(ValueError, match=r"can't write '.*': .*; name a file in a directory that is there"):
            tf.render(x, tmp_path / name)
    broken = renderers.Renderer("broken", ("svg",), lambda: True, fail)
    monkeypatch.setattr(renderers, "RENDERERS", (broken,))
    with pytest.raises(RuntimeError, match="broken build"):
        tf.render(x, tmp_path / "x.svg")
    with pytest.raises(ValueError, match="the view is 'up'"):
        tf.render(x, tmp_path / "x.dot", view="up")
    assert [p.name for p in tmp_path.iterdir()] == ["taken.dot"]
    assert not list((tmp_path / "taken.dot").iterdir())
    with pytest.raises(TypeError, match=r"render takes a file name, got 3; write for instance render\(y, 'y\.svg'\)"):
        tf.render(x, 3)


@pytest.mark.parametrize("name", ["file/y.dot", "a\0.dot", "x" * 300 + ".dot", "missing/y.dot", "folder.dot"])
def test_a_path_that_cannot_be_written_is_refused_and_leaves_nothing(name, tmp_path):
    (tmp_path / "file").write_text("kept")
    (tmp_path / "folder.dot").mkdir()
    with pytest.raises(ValueError, match=r"can't write .*; name a file in a directory that is there"):
        tf.render(tf.symbols("x"), tmp_path / name)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder.dot"]


def test_a_link_to_a_picture_stays_a_link(tmp_path):
    link = tmp_path / "link.dot"
    link.symlink_to(tmp_path / ("y" * 240 + ".dot"))
    tf.render(tf.symbols("x"), link)
    assert link.is_symlink()
    assert link.read_text().startswith("digraph")
