"""A TFLite file in the making, operator by operator: tensors, constants, variables.

Written without TensorFlow's converter, which chooses operators and scales itself.
"""

import numpy as np

from export.tflite_file import schema
from export.tflite_graphs import packed


class Graph:
    """A ModelT in the making: tensors, constants and operators, in the order in which they run.

    A vector of n activations is a tensor [1, 1, 1, n]; where nothing else is said it is int16.
    """

    def __init__(self):
        self.schema = schema()
        self.file = self.schema.ModelT(version=3, description="one hop of a Jerboa model for ESPHome", operatorCodes=[])
        self.file.buffers, self.file.subgraphs, self._constants = [self.schema.BufferT()], [], {}
        self.main, self.initial = self._subgraph("step"), self._subgraph("initial states")

    def _subgraph(self, name):
        self.file.subgraphs.append(self.schema.SubGraphT(name=name, tensors=[], operators=[], inputs=[], outputs=[]))
        return self.file.subgraphs[-1]

    def tensor(self, name, shape, scale=None, zero_point=0, kind="INT16", subgraph=None):
        """The index of a new tensor; scale: one or one per row."""
        subgraph = subgraph or self.main
        tensor = self.schema.TensorT(name=name, shape=list(shape), type=getattr(self.schema.TensorType, kind))
        if scale is not None:
            scales = np.atleast_1d(np.asarray(scale, np.float32))
            tensor.quantization = self.schema.QuantizationParametersT(
                scale=scales, zeroPoint=np.full(len(scales), zero_point, np.int64), quantizedDimension=0
            )
        subgraph.tensors.append(tensor)
        return len(subgraph.tensors) - 1

    def constant(self, name, codes, scale=None, subgraph=None):
        """The index of a constant tensor; equal ones are one, under the first name."""
        subgraph, codes = subgraph or self.main, np.ascontiguousarray(codes)
        key = subgraph.name, codes.shape, codes.dtype.name, codes.tobytes(), np.array(scale, np.float32).tobytes()
        if key not in self._constants:
            made = self.tensor(name, codes.shape, scale, kind=codes.dtype.name.upper(), subgraph=subgraph)
            self.file.buffers.append(self.schema.BufferT(data=codes.view(np.uint8).reshape(-1)))
            subgraph.tensors[made].buffer = len(self.file.buffers) - 1
            self._constants[key] = made
        return self._constants[key]

    def minus_one(self):
        """The constant -1, Q0.15."""
        return self.constant("minus_one", np.full((1, 1, 1, 1), -32768, np.int16), 2.0**-15)

    def vector(self, name, size, scale):
        """The index of a new int16 vector."""
        return self.tensor(name, (1, 1, 1, size), scale)

    def size(self, index):
        return self.main.tensors[index].shape[-1]

    def scale(self, index):
        return float(self.main.tensors[index].quantization.scale[0])

    def operator(self, kind, inputs, outputs, subgraph=None, **options):
        """Append an operator; options: the fields of its table of options."""
        code = getattr(self.schema.BuiltinOperator, kind)
        codes = [one.builtinCode for one in self.file.operatorCodes]
        if code not in codes:
            self.file.operatorCodes.append(
                self.schema.OperatorCodeT(builtinCode=code, deprecatedBuiltinCode=min(code, 127), version=1)
            )
            codes.append(code)
        made = self.schema.OperatorT(opcodeIndex=codes.index(code), inputs=list(inputs), outputs=list(outputs))
        table = f"{''.join(part.capitalize() for part in kind.split('_')).replace('2d', '2D')}Options"
        if hasattr(self.schema, f"{table}T"):
            made.builtinOptions = getattr(self.schema, f"{table}T")()
            made.builtinOptionsType = getattr(self.schema.BuiltinOptions, table)
            for field, value in options.items():
                if not hasattr(made.builtinOptions, field):
                    raise AttributeError(f"{table} has no {field}")
                setattr(made.builtinOptions, field, value)
        (subgraph or self.main).operators.append(made)

    def reshaped(self, name, index, shape, scale, zero_point=0, kind="INT16"):
        """The same codes as a tensor of another shape, or of another scale."""
        made = self.tensor(name, shape, scale, zero_point, kind)
        self.operator("RESHAPE", [index], [made], newShape=list(shape))
        return made

    def sliced(self, name, index, begin, end):
        """A part of a tensor, from begin to end in each dimension."""
        whole = self.main.tensors[index]
        shape = [last - first for first, last in zip(begin, end, strict=True)]
        made = self.tensor(name, shape, whole.quantization.scale, whole.quantization.zeroPoint[0])
        self.main.tensors[made].type = whole.type
        bounds = [self.constant(str(value), np.array(value, np.int32)) for value in (begin, end, [1] * len(begin))]
        self.operator("STRIDED_SLICE", [index, *bounds], [made])
        return made

    def variable(self, name, size, scale):
        """(handle, value) of a variable that is zero in a new stream."""
        handles = []
        for subgraph in (self.main, self.initial):
            handles.append(self.tensor(f"{name}.handle", (), kind="RESOURCE", subgraph=subgraph))
            self.operator("VAR_HANDLE", [], [handles[-1]], subgraph, container="", sharedName=name)
        zero = self.constant("zero", np.zeros((1, 1, 1, size), np.int16), scale, self.initial)
        self.operator("ASSIGN_VARIABLE", [handles[1], zero], [], self.initial)
        return handles[0], self.vector(name, size, scale)

    def content(self):
        """The file's bytes."""
        return packed(self.file)
