/*
 * Tensors are channels last: the four pixels under one result are four runs of `channels` floats. A
 * byte for each result says which of them it was, so that the gradient finds its way back. The
 * trainer's threads; no state.
 */
#include "train/learning/torch_pool.h"

#include <cstdint>

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

/* Compiled for wider registers as well; which one runs is chosen as the plug-in is loaded, before
 * sanitizers are ready for that. */
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

namespace digit
{

namespace
{

enum : uint8_t { NONE = 4 }; /* relu let nothing through */

/* The runs of four pixels. */
template <class T> struct window {
    T *__restrict top_left, *__restrict top_right, *__restrict low_left, *__restrict low_right;

    window(T *at, int64_t row_len, int64_t channels)
        : top_left(at), top_right(at + channels), low_left(at + row_len),
          low_right(at + row_len + channels)
    {
    }
};

/* The first of equals is kept, and a NaN stays one, as in libtorch. */
FOR_EACH_PROCESSOR
void take_largest(float *__restrict out, uint8_t *__restrict which, const float *__restrict a,
                  const float *__restrict b, const float *__restrict c, const float *__restrict d,
                  int64_t channels)
{
    for (int64_t i = 0; i < channels; i++) {
        float most = a[i];
        uint8_t at = 0;
        bool more = b[i] > most || b[i] != b[i];
        most = more ? b[i] : most;
        at = more ? 1 : at;
        more = c[i] > most || c[i] != c[i];
        most = more ? c[i] : most;
        at = more ? 2 : at;
        more = d[i] > most || d[i] != d[i];
        most = more ? d[i] : most;
        at = more ? 3 : at;
        out[i] = most <= 0 ? 0 : most;
        which[i] = most <= 0 ? uint8_t{NONE} : at;
    }
}

FOR_EACH_PROCESSOR
void give_back(float *__restrict a, float *__restrict b, float *__restrict c, float *__restrict d,
               const float *__restrict gradient, const uint8_t *__restrict which, int64_t channels)
{
    for (int64_t i = 0; i < channels; i++) {
        a[i] = which[i] == 0 ? gradient[i] : 0;
        b[i] = which[i] == 1 ? gradient[i] : 0;
        c[i] = which[i] == 2 ? gradient[i] : 0;
        d[i] = which[i] == 3 ? gradient[i] : 0;
    }
}

struct sizes {
    int64_t count, channels, height, width; /* of what comes in */

    explicit sizes(at::IntArrayRef s) : count(s[0]), channels(s[1]), height(s[2]), width(s[3])
    {
    }

    int64_t rows() const /* of all results */
    {
        return count * (height / 2);
    }

    int64_t row_len() const /* floats of a row that comes in */
    {
        return width * channels;
    }

    /* Where the two rows above a row of results begin. */
    int64_t above(int64_t row) const
    {
        return (row / (height / 2) * height + row % (height / 2) * 2) * row_len();
    }
};

/* Calls work(row) for each row of results, on libtorch's threads. */
template <class Work> void each_row(const sizes &s, const Work &work)
{
    at::parallel_for(0, s.rows(), at::internal::GRAIN_SIZE / s.row_len() + 1,
                     [&](int64_t from, int64_t to) {
                         for (int64_t row = from; row < to; row++)
                             work(row);
                     });
}

at::Tensor channels_last(at::IntArrayRef shape, at::ScalarType type)
{
    return at::empty(shape, at::TensorOptions(type).memory_format(at::MemoryFormat::ChannelsLast));
}

std::pair<at::Tensor, at::Tensor> forwards(const at::Tensor &input)
{
    at::Tensor x = input.contiguous(at::MemoryFormat::ChannelsLast);
    const sizes s(x.sizes());
    const int64_t width = s.width / 2;
    const int64_t shape[] = {s.count, s.channels, s.height / 2, width};
    at::Tensor y = channels_last(shape, at::kFloat), which = channels_last(shape, at::kByte);
    const float *from = x.data_ptr<float>();
    float *to = y.data_ptr<float>();
    uint8_t *place = which.data_ptr<uint8_t>();
    each_row(s, [&](int64_t row) {
        for (int64_t i = 0; i < width; i++) {
            const window<const float> w(from + s.above(row) + 2 * i * s.channels, s.row_len(),
                                        s.channels);
            const int64_t at = (row * width + i) * s.channels;
            take_largest(to + at, place + at, w.top_left, w.top_right, w.low_left, w.low_right,
                         s.channels);
        }
    });
    return {y, which};
}

at::Tensor backwards(const at::Tensor &given, const at::Tensor &which, at::IntArrayRef shape)
{
    at::Tensor gradient = given.contiguous(at::MemoryFormat::ChannelsLast);
    at::Tensor out = channels_last(shape, at::kFloat);
    const sizes s(shape);
    const int64_t width = s.width / 2;
    if (s.height % 2 != 0 || s.width % 2 != 0)
        out.zero_();
    const float *from = gradient.data_ptr<float>();
    const uint8_t *place = which.data_ptr<uint8_t>();
    float *to = out.data_ptr<float>();
    each_row(s, [&](int64_t row) {
        for (int64_t i = 0; i < width; i++) {
            const window<float> w(to + s.above(row) + 2 * i * s.channels, s.row_len(), s.channels);
            const int64_t at = (row * width + i) * s.channels;
            give_back(w.top_left, w.top_right, w.low_left, w.low_right, from + at, place + at,
                      s.channels);
        }
    });
    return out;
}

struct operation : torch::autograd::Function<operation> {
    static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &x)
    {
        auto [y, which] = forwards(x);
        context->save_for_backward({which});
        context->saved_data["shape"] = x.sizes().vec();
        return y;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                   torch::autograd::variable_list gradients)
    {
        return {backwards(gradients[0], context->get_saved_variables()[0],
                          context->saved_data["shape"].toIntVector())};
    }
};

} // namespace

at::Tensor pool_relu(const at::Tensor &x)
{
    /* On other devices libtorch's own are no slower. */
    if (!x.is_cpu() || x.size(2) < 2 || x.size(3) < 2)
        return at::relu(at::max_pool2d(x, 2));
    return at::GradMode::is_enabled() ? operation::apply(x) : forwards(x).first;
}

} // namespace digit
