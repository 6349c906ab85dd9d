"""What a power cut could leave: a name on the disk before the content that it stands for."""


def is_hidden(path, below):
    return any(part.startswith(".") for part in path.relative_to(below).parts)


def not_on_disk(steps, below):
    """Paths below a folder that were renamed to a visible name before fsync had written them, or the entries of a folder.

    Also visible files that were written in place, which a power cut leaves in part.
    """
    dirty, found = set(), []

    def of(path):
        return {other for other in dirty if other == path or path in other.parents}

    for step in steps:
        if step.kind in ("open", "write"):
            dirty.add(step.path)
            if step.kind == "open":
                dirty.add(step.path.parent)
            if not is_hidden(step.path, below):
                found.append(step.path)
        elif step.kind == "mkdir":
            dirty.add(step.path.parent)
        elif step.kind == "fsync":
            dirty.discard(step.path)
        elif step.kind == "sync":
            dirty.clear()
        elif step.kind in ("rename", "exchange"):
            left = of(step.path)
            if not is_hidden(step.other, below):
                found += sorted(left)
            dirty -= left
            dirty |= {step.other / path.relative_to(step.path) for path in left} | {step.other.parent}
    return sorted({str(path.relative_to(below)) for path in found})
