"""The memory of another process, as Linux tells it, in MiB."""


def _status(pid, name):
    with open(f"/proc/{pid}/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(name + ":")) // 1024


def resident(pid):
    return _status(pid, "VmRSS")


def peak(pid):
    """The most that was ever resident."""
    return _status(pid, "VmHWM")


def kept_by_sanitizer(pid):
    """What may be resident although it was freed: a sanitizer, which is known by the terabytes that it maps, keeps some 256 MiB of blocks,
    and a margin around each."""
    return 768 if _status(pid, "VmPeak") > 10 << 20 else 0
