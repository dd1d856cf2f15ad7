// Sums and updates of flat fp32 buffers on a GPU, with the bits of the host's code: GradientSum, GradientNorm, AdamWKernel, SgdKernel. Compiled at run time without
// contraction, so that every operation is rounded by itself, as there. Structures are declared once more in CudaKernels.cs and the two kernels' own files.

typedef long long int64;

struct Sum { float *target; const float *other; int64 count; };
struct Lanes { const float *gradient; double *target; int64 count; };
struct AdamWRule { float beta1, beta2, epsilon, step, keep, second_scale, gradient_scale; };
struct AdamW { float *parameter, *first, *second; const float *gradient; int64 count; AdamWRule rule; };
struct SgdRule { float rate, momentum, gradient_scale, keep; };
struct Sgd { float *parameter, *velocity; const float *gradient; int64 count; SgdRule rule; };

#define EACH(i, count) (int64 i = (int64)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += (int64)gridDim.x * blockDim.x)

extern "C" __global__ void add(Sum a)
{
    for EACH(i, a.count)
        a.target[i] = a.target[i] + a.other[i];
}

// One thread a lane: sixteen lanes over a block of 65,536 elements. The square of a float is exact in a double.
extern "C" __global__ void square_lanes(Lanes a)
{
    const int64 block = 65536;
    int64 lane = (int64)blockIdx.x * blockDim.x + threadIdx.x;
    int64 begin = lane / 16 * block;
    if (begin >= a.count)
        return;
    int64 end = begin + block < a.count ? begin + block : a.count;
    double sum = 0;
#pragma unroll 16
    for (int64 i = begin + lane % 16; i < end; i += 16)
        sum = sum + (double)a.gradient[i] * (double)a.gradient[i];
    a.target[lane] = sum;
}

extern "C" __global__ void adamw(AdamW a)
{
    const AdamWRule r = a.rule;
    for EACH(i, a.count)
    {
        float g = a.gradient[i] * r.gradient_scale;
        float m = r.beta1 * a.first[i] + (1.0f - r.beta1) * g;
        float v = r.beta2 * a.second[i] + (1.0f - r.beta2) * (g * g);
        a.first[i] = m;
        a.second[i] = v;
        a.parameter[i] = a.parameter[i] * r.keep - r.step * m / (sqrtf(v) * r.second_scale + r.epsilon);
    }
}

extern "C" __global__ void sgd(Sgd a)
{
    const SgdRule r = a.rule;
    for EACH(i, a.count)
    {
        float v = r.momentum * a.velocity[i] + a.gradient[i] * r.gradient_scale;
        a.velocity[i] = v;
        a.parameter[i] = a.parameter[i] * r.keep - r.rate * v;
    }
}
