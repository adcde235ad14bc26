/* linear: a row times a matrix. One operation serves every projection: the axes that are summed may
 * be one or two (d_model; head × d_head), and those that come out too. */
#include "engine/ops/row.h"

#include "engine/tensor/kernels.h"

#include <assert.h>
#include <string.h>

/* ---- linear: inputs x [T in…], w [in… out…], bias [out…] (may be missing); result [T out…] ----
 * */

static int in_axes(const OpCall *call) {
    return call->in[0].rank - 1;
}

/* Cells behind the first axis. */
static size_t row_cells(const Tensor *tensor) {
    return tensor_count(tensor) / (tensor->dim[0] ? tensor->dim[0] : 1);
}

/* The step between neighbours along axes [first, last), which must lie evenly. */
static ptrdiff_t even_step(const Tensor *tensor, int first, int last) {
    for (int axis = first; axis + 1 < last; axis++)
        assert(tensor->stride[axis] == (ptrdiff_t)tensor->dim[axis + 1] * tensor->stride[axis + 1]);
    return tensor->stride[last - 1];
}

static bool lies_evenly(const Tensor *tensor, int axis) {
    return tensor->stride[axis] == (ptrdiff_t)tensor->dim[axis + 1] * tensor->stride[axis + 1];
}

typedef struct {
    size_t groups, cells; /* a group's columns lie evenly; fused matrices may leave gaps between */
    ptrdiff_t weight_step, bias_step;
} OutGroups;

static OutGroups out_groups(const OpCall *call) {
    const Tensor *w = &call->in[1];
    int first = in_axes(call), out_axes = w->rank - first;
    OutGroups groups = {1, row_cells(&call->out), 0, 0};
    bool even = out_axes == 1 ||
                (lies_evenly(w, first) && (call->n_in < 3 || lies_evenly(&call->in[2], 0)));
    if (!even) {
        groups.groups = w->dim[first];
        groups.cells = w->dim[first + 1];
        groups.weight_step = w->stride[first];
        groups.bias_step = call->n_in > 2 ? call->in[2].stride[0] : 0;
    }
    return groups;
}

/* A part is this many columns: as wide as the widest panel of the kernels. */
#define PART_COLUMNS 48

static size_t linear_parts(const OpCall *call) {
    return (row_cells(&call->out) + PART_COLUMNS - 1) / PART_COLUMNS;
}

/* The columns [from, to) of group g. */
static void linear_columns(const OpCall *call, const OutGroups *groups, size_t g, size_t from,
                           size_t to, size_t first, size_t last) {
    const Tensor *x = &call->in[0], *w = &call->in[1], *bias = &call->in[2];
    size_t K = row_cells(x), N = row_cells(&call->out);
    ptrdiff_t w_row = even_step(w, 0, in_axes(call)), w_column = w->stride[w->rank - 1];
    ptrdiff_t at = (ptrdiff_t)g * groups->weight_step + (ptrdiff_t)from * w_column;
    ptrdiff_t b_step = call->n_in > 2 ? bias->stride[bias->rank - 1] : 0;
    const float *b = call->n_in > 2 ? tensor_f32(bias) + (ptrdiff_t)g * groups->bias_step +
                                          (ptrdiff_t)from * b_step
                                    : NULL;
    kernel_linear(tensor_f32(&call->out) + first * N + g * groups->cells + from, N,
                  tensor_f32(x) + first * K, K, last - first,
                  (KernelMatrix){tensor_at(w, at), w->type, w_row, w_column}, K, to - from, b,
                  b_step);
}

static void linear_forward(const OpCall *call, size_t first, size_t last) {
    OutGroups groups = out_groups(call);
    size_t from = call->part_first * PART_COLUMNS, to = call->part_last * PART_COLUMNS;
    if (to > row_cells(&call->out))
        to = row_cells(&call->out);
    while (from < to) {
        size_t g = from / groups.cells, start = g * groups.cells;
        size_t end = start + groups.cells < to ? start + groups.cells : to;
        linear_columns(call, &groups, g, from - start, end - start, first, last);
        from = end;
    }
}

static void linear_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    int axes = in_axes(call), out_axes = call->out.rank - 1;
    size_t K = row_cells(&call->in[0]);
    for (size_t k = 0; k < K; k++) {
        size_t x[TENSOR_RANK] = {index[0]}, w[TENSOR_RANK] = {0};
        shape_unravel(axes, call->in[0].dim + 1, k, x + 1);
        memcpy(w, x + 1, (size_t)axes * sizeof *w);
        memcpy(w + axes, index + 1, (size_t)out_axes * sizeof *w);
        sink_term2(sink, FORM_PRODUCT, operand_cell(call, 0, x), operand_cell(call, 1, w));
    }
    if (call->n_in > 2)
        sink_term1(sink, FORM_VALUE, operand_cell(call, 2, index + 1));
}

static bool has_head_axis(const OpCall *call) {
    return call->out.rank == 3;
}

static size_t linear_step_count(const OpCall *call) {
    return has_head_axis(call) ? call->out.dim[0] * call->out.dim[1] : call->out.dim[0];
}

static void linear_step(const OpCall *call, size_t number, OpStep *step) {
    size_t T = call->out.dim[0], row = number % T, head = number / T;
    bool heads = has_head_axis(call);
    step_row(call, row, 1, heads ? CAPTION_LINEAR_HEAD_ROW : CAPTION_LINEAR_ROW, step);
    OpRegion w = region_all(call, 1);
    if (heads) {
        step_write(step, region_at(step->write, 1, head));
        w = region_at(w, in_axes(call), head);
        step_arg(step, ARG_HEAD, (double)head);
    }
    step_read(step, w);
    if (call->n_in > 2)
        step_read(step, heads ? region_at(region_all(call, 2), 0, head) : region_all(call, 2));
    step_arg(step, ARG_COUNT, (double)row_cells(&call->in[0]));
    step_arg(step, ARG_COUNT, (double)call->out.dim[call->out.rank - 1]);
}

static double linear_flops(const OpCall *call) {
    double K = (double)row_cells(&call->in[0]);
    return call_cells(call) * (2 * K - 1 + (call->n_in > 2 ? 1 : 0));
}

static const char *linear_variant(const OpCall *call) {
    static const char *const formula[LINEAR_KINDS][2] = {
        [LINEAR_QUERY] = {"\\q{q_{id}} = \\sum_{m} x_{im} · W^Q_{md}",
                          "\\q{q_{id}} = \\sum_{m} x_{im} · W^Q_{md} + b^Q_d"},
        [LINEAR_KEY] = {"\\k{k_{jd}} = \\sum_{m} x_{jm} · W^K_{md}",
                        "\\k{k_{jd}} = \\sum_{m} x_{jm} · W^K_{md} + b^K_d"},
        [LINEAR_VALUE] = {"\\v{v_{jd}} = \\sum_{m} x_{jm} · W^V_{md}",
                          "\\v{v_{jd}} = \\sum_{m} x_{jm} · W^V_{md} + b^V_d"},
        [LINEAR_OUTPUT] = {"y_{im} = \\sum_{h,d} z_{ihd} · W^O_{hdm}",
                           "y_{im} = \\sum_{h,d} z_{ihd} · W^O_{hdm} + b^O_m"},
        [LINEAR_FFN_IN] = {"u_{if} = \\sum_{m} x_{im} · W^{in}_{mf}",
                           "u_{if} = \\sum_{m} x_{im} · W^{in}_{mf} + b^{in}_f"},
        [LINEAR_FFN_LINEAR] = {"l_{if} = \\sum_{m} x_{im} · W^{up}_{mf}",
                               "l_{if} = \\sum_{m} x_{im} · W^{up}_{mf} + b^{up}_f"},
        [LINEAR_FFN_OUT] = {"y_{im} = \\sum_{f} g_{if} · W^{out}_{fm}",
                            "y_{im} = \\sum_{f} g_{if} · W^{out}_{fm} + b^{out}_m"},
        [LINEAR_RNN_IN] = {"y_{in} = \\sum_{m} x_{im} · W^{ih}_{mn}",
                           "y_{in} = \\sum_{m} x_{im} · W^{ih}_{mn} + b^{ih}_n"},
        [LINEAR_RNN_STATE] = {"y_{in} = \\sum_{k} h_{i−1,k} · W^{hh}_{kn}",
                              "y_{in} = \\sum_{k} h_{i−1,k} · W^{hh}_{kn} + b^{hh}_n"},
        [LINEAR_UNEMBED] = {"l_{iv} = \\sum_{m} x_{im} · W^U_{mv}",
                            "l_{iv} = \\sum_{m} x_{im} · W^U_{mv} + b^U_v"},
        [LINEAR_ROUTER] = {"r_{ie} = \\sum_{m} x_{im} · W^R_{me}",
                           "r_{ie} = \\sum_{m} x_{im} · W^R_{me} + b^R_e"},
        [LINEAR_POOLER] = {"u_m = \\sum_{m'} x_{0m'} · W^P_{m'm}",
                           "u_m = \\sum_{m'} x_{0m'} · W^P_{m'm} + b^P_m"},
        [LINEAR_CLASSIFIER] = {"l_{ic} = \\sum_{m} x_{im} · W^C_{mc}",
                               "l_{ic} = \\sum_{m} x_{im} · W^C_{mc} + b^C_c"},
        [LINEAR_MLM_DENSE] = {"u_{im} = \\sum_{m'} x_{im'} · W^H_{m'm}",
                              "u_{im} = \\sum_{m'} x_{im'} · W^H_{m'm} + b^H_m"},
    };
    return formula[call->param.linear.kind][call->n_in > 2];
}

const OpInfo op_info_linear = {
    .name = "linear",
    .title = "Linear map",
    .formula = "y_{io} = \\sum_{m} x_{im} · W_{mo} + b_o",
    .forward = linear_forward,
    .parts = linear_parts,
    .explain = linear_explain,
    .step_count = linear_step_count,
    .step_at = linear_step,
    .flops = linear_flops,
    .variant = linear_variant,
};

/* ---- head_result: inputs z [Tq H D], W_O [H D M]; result [Tq H M]: each head's own share ---- */

static void head_result_forward(const OpCall *call, size_t first, size_t last) {
    const Tensor *z = &call->in[0], *w = &call->in[1];
    size_t H = z->dim[1], D = z->dim[2], M = call->out.dim[2];
    for (size_t h = 0; h < H; h++) {
        KernelMatrix matrix = {tensor_at(w, (ptrdiff_t)h * w->stride[0]), w->type, w->stride[1],
                               w->stride[2]};
        kernel_linear(tensor_f32(&call->out) + (first * H + h) * M, H * M,
                      tensor_f32(z) + (first * H + h) * D, H * D, last - first, matrix, D, M, NULL,
                      0);
    }
}

static void head_result_explain(const OpCall *call, const size_t *index, ExplainSink *sink) {
    size_t t = index[0], h = index[1], m = index[2];
    for (size_t d = 0; d < call->in[0].dim[2]; d++)
        sink_term2(sink, FORM_PRODUCT, CELL(call, 0, t, h, d), CELL(call, 1, h, d, m));
}

static void head_result_step(const OpCall *call, size_t number, OpStep *step) {
    size_t T = call->out.dim[0], row = number % T, head = number / T;
    step_row(call, row, 1, CAPTION_HEAD_RESULT_ROW, step);
    step->read[0] = region_at(step->read[0], 1, head);
    step_read(step, region_at(region_all(call, 1), 0, head));
    step_write(step, region_at(step->write, 1, head));
    step_arg(step, ARG_HEAD, (double)head);
    step_arg(step, ARG_COUNT, (double)call->in[0].dim[2]);
    step_arg(step, ARG_COUNT, (double)call->out.dim[2]);
}

static double head_result_flops(const OpCall *call) {
    return call_cells(call) * (2 * (double)call->in[0].dim[2] - 1);
}

const OpInfo op_info_head_result = {
    .name = "head_result",
    .title = "Each head's share",
    .formula = "r_{ihm} = \\sum_{d} z_{ihd} · W^O_{hdm}",
    .forward = head_result_forward,
    .explain = head_result_explain,
    .step_count = steps_by_head_row,
    .step_at = head_result_step,
    .flops = head_result_flops,
};
