"""A folder that an employer can close is named before anything is kept there."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.place import place_warnings

HOME = "/dev/sda1 / ext4 rw 0 0\nproc /proc proc rw 0 0\n"


def told(folder: str, *, environment=None, mounts: str = HOME) -> str:
    return "\n".join(place_warnings(Path(folder), environment=environment or {}, mounts=mounts))


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("/home/jane/OneDrive - Northshire University/cmalt", "employer's OneDrive (OneDrive - Northshire University)"),
        ("/Users/jane/Library/CloudStorage/OneDrive-NorthshireUniversity/x", "employer's OneDrive"),
        ("/Users/jane/Library/CloudStorage/OneDrive-Personal/x", "lies in OneDrive."),
        ("/home/jane/OneDrive/x", "lies in OneDrive."),
        ("/Users/jane/Library/CloudStorage/GoogleDrive-jane@example.org/My Drive/x", "lies in Google Drive"),
        ("/home/jane/Dropbox (Northshire)/x", "lies in Dropbox"),
        ("/Users/jane/Library/Mobile Documents/com~apple~CloudDocs/x", "lies in iCloud Drive"),
    ],
)
def test_clouds_are_known_by_their_folders(folder, said):
    """The names that the clients of the usual clouds give their folders, and one warning for each."""
    assert said in told(folder)
    assert told(folder).count("This folder") == 1


@pytest.mark.parametrize("folder", ["/home/j/my-portfolio", "/home/j/onedrivers/x", "/home/j/My OneDrive notes/x"])
def test_a_plain_folder_is_fine(folder):
    """No warning without a reason."""
    assert told(folder) == ""


def test_windows_names_its_onedrive_in_the_environment():
    """Wherever the employer's OneDrive was put, its variable tells."""
    assert "employer's OneDrive" in told("/work/files/x", environment={"OneDriveCommercial": "/work/files"})
    assert told("/work/other", environment={"OneDriveCommercial": "/work/files", "OneDrive": ""}) == ""


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_a_network_home_is_named(kind):
    """The file system that a folder lies on decides, the nearest mount first."""
    mounts = HOME + f"server:/homes /home {kind} rw 0 0\n"

    assert f"network drive ({kind})" in told("/home/jane/x", mounts=mounts)
    assert told("/srv/jane/x", mounts=mounts) == ""
    assert told("/home/jane/x", mounts=mounts + "/dev/sdb1 /home/jane ext4 rw 0 0\n") == ""


def test_a_mount_with_a_space():
    """The kernel writes a space as \\040."""
    assert "network drive" in told("/mnt/my files/x", mounts=HOME + "//s/x /mnt/my\\040files cifs rw 0 0\n")
