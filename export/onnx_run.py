"""Runs an exported ONNX graph in ONNX Runtime, on one thread."""

import numpy as np


def open_session(path, optimised=False):
    """An InferenceSession; optimised: with all graph optimisations, which depend on the CPU."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    levels = onnxruntime.GraphOptimizationLevel
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = levels.ORT_ENABLE_ALL if optimised else levels.ORT_DISABLE_ALL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def run_session(session, features):
    """Logits float [hops, labels] of a stream of network input float [hops, bands], from a zero state."""
    first, *states = session.get_inputs()
    values = {state.name: np.zeros(state.shape, np.float32) for state in states}
    logits = []
    for x in np.asarray(features, np.float32):
        out, *following = session.run(None, {first.name: x[None], **values})
        values = dict(zip(values, following, strict=True))
        logits.append(out[0])
    return np.stack(logits)


def run_onnx(paths, streams):
    """Logits of each stream by each file, as run_session; without optimisations, so that quantised graphs agree on every CPU."""
    return [[run_session(session, features) for features in streams] for session in map(open_session, paths)]
