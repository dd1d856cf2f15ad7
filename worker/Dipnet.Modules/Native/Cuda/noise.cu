// The noise of CounterNoise, with its bits: Philox4x32-10 and the Box-Muller transform of Philox.cs and BoxMuller.cs, operation for operation. Compiled
// without contraction, so only __fmaf_rn is fused.

struct Draw
{
    float* destination;            // [trajectories, length]
    long long length;
    long long offset;              // position in its stream of each trajectory's first value
    unsigned blocksPerTrajectory;
    unsigned key0, key1, counter1, counter2, counter3;  // the first trajectory's stream; trajectory t has counter2 + t
};

struct Words
{
    unsigned x0, x1, x2, x3;
};

// Values come in groups of 64 from sixteen counters: value 16 w + i of a group is made from word w of its counter i.
constexpr int GroupCounters = 16, GroupValues = 64;

static __device__ Words philox(const Draw& draw, unsigned trajectory, unsigned block)
{
    unsigned c0 = block, c1 = draw.counter1, c2 = draw.counter2 + trajectory, c3 = draw.counter3;
    unsigned k0 = draw.key0, k1 = draw.key1;
    for (int round = 0; round < 10; round++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u)
    {
        unsigned long long p = 0xD2511F53ull * c0, q = 0xCD9E8D57ull * c2;
        c0 = (unsigned)(q >> 32) ^ c1 ^ k0;
        c1 = (unsigned)q;
        c2 = (unsigned)(p >> 32) ^ c3 ^ k1;
        c3 = (unsigned)p;
    }
    return {c0, c1, c2, c3};
}

static __device__ float logarithm(float x)
{
    int bits = __float_as_int(x);
    int shifted = (bits - 0x3F3504F3) >> 23;
    float e = __int2float_rn(shifted);
    float m = __int_as_float((int)((unsigned)bits - ((unsigned)shifted << 23))) - 1.0f;
    float p = -7.902743772e-02f;
    p = __fmaf_rn(p, m, 1.262231985e-01f);
    p = __fmaf_rn(p, m, -1.299818376e-01f);
    p = __fmaf_rn(p, m, 1.421449592e-01f);
    p = __fmaf_rn(p, m, -1.664128146e-01f);
    p = __fmaf_rn(p, m, 2.000104509e-01f);
    p = __fmaf_rn(p, m, -2.500030642e-01f);
    p = __fmaf_rn(p, m, 3.333333073e-01f);
    float z = m * m;
    float small = __fmaf_rn(p, m * z, __fmaf_rn(z, -0.5f, m));
    return __fmaf_rn(e, 0.69314718056f, small);
}

static __device__ void boxMuller(unsigned radius, unsigned angle, float& first, float& second)
{
    const float perHalfTurn = 4.656612873077392578125e-10f;  // 2^-31
    float u = (__int2float_rn((int)(radius >> 1)) + 0.5f) * perHalfTurn;
    float r = __fsqrt_rn(-2.0f * logarithm(u));
    float a = __int2float_rn((int)(angle & ~3u)) * (0.785398163397448309616f * perHalfTurn);
    float z = a * a;
    float sine = __fmaf_rn(a * z, __fmaf_rn(z, __fmaf_rn(z, -1.958789088e-04f, 8.332748271e-03f), -1.666666466e-01f), a);
    float cosine = __fmaf_rn(z * z, __fmaf_rn(z, __fmaf_rn(z, 2.454794209e-05f, -1.388830304e-03f), 4.166666466e-02f), __fmaf_rn(z, -0.5f, 1.0f));
    cosine = __int_as_float(__float_as_int(cosine) ^ (int)((angle & 2u) << 30));
    bool swap = (angle & 1u) != 0;
    first = r * (swap ? sine : cosine);
    second = r * (swap ? cosine : sine);
}

static __device__ float uniform(unsigned word)
{
    return __int2float_rn((int)(word >> 8)) * 5.9604644775390625e-08f;  // 2^-24
}

// One thread makes the four values of one counter. Sixteen neighbouring threads write sixteen neighbouring values at a time.
template <bool normal>
static __device__ void fill(const Draw& draw)
{
    unsigned trajectory = blockIdx.x / draw.blocksPerTrajectory;
    long long local = (long long)(blockIdx.x % draw.blocksPerTrajectory) * blockDim.x + threadIdx.x;
    long long counter = draw.offset / GroupValues * GroupCounters + local;
    long long at = counter / GroupCounters * GroupValues + counter % GroupCounters - draw.offset;
    if (at >= draw.length)
        return;
    Words words = philox(draw, trajectory, (unsigned)counter);
    float values[4];
    if (normal)
    {
        boxMuller(words.x0, words.x1, values[0], values[1]);
        boxMuller(words.x2, words.x3, values[2], values[3]);
    }
    else
    {
        values[0] = uniform(words.x0);
        values[1] = uniform(words.x1);
        values[2] = uniform(words.x2);
        values[3] = uniform(words.x3);
    }
    float* run = draw.destination + trajectory * draw.length;
    for (int w = 0; w < 4; w++)
    {
        long long place = at + GroupCounters * w;
        if (place >= 0 && place < draw.length)
            run[place] = values[w];
    }
}

extern "C" __global__ void drawNormal(Draw draw)
{
    fill<true>(draw);
}

extern "C" __global__ void drawUniform(Draw draw)
{
    fill<false>(draw);
}
