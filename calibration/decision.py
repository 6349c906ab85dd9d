"""The clip rule: one decision for each clip, the argmax of the mean logits over its last hops."""


def decide(logits, decision_hops):
    """Label indices [clips] of logits [clips, hops, labels], int or float."""
    return logits[:, -decision_hops:].sum(axis=1).argmax(axis=1)


def accuracy(logits, labels, decision_hops):
    """The share of clips decided as labels [clips]."""
    return float((decide(logits, decision_hops) == labels).mean())
