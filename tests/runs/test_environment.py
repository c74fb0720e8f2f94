import subprocess

from tfgan_repro.runs import environment


def test_the_commit_is_the_package_s_own_and_not_one_around_an_installed_package(tmp_path, monkeypatch):
    def git(*words):
        identity = ["-c", "user.name=n", "-c", "user.email=e"]
        return subprocess.run(["git", *identity, *words], cwd=tmp_path, check=True, capture_output=True, text=True)

    place = tmp_path / "site-packages" / "environment.py"
    place.parent.mkdir()
    place.touch()
    monkeypatch.setattr(environment, "__file__", str(place))
    git("init")
    git("commit", "--allow-empty", "-m", "around")
    assert environment.git_commit() is None
    git("add", ".")
    git("commit", "-m", "within")
    assert environment.git_commit() == git("rev-parse", "HEAD").stdout.strip()
