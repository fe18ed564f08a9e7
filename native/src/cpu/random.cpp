// Philox and the float32 distributions in vectors. The operations and their order are those of the plain kernels, so
// that the bits are, too.
#include "cpu/random.hpp"

#include "core/philox.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/random.cpp"
// clang-format off
#include "cpu/highway.hpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace nc::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

struct RandomSource {
  using D = hn::ScalableTag<uint32_t>;
  using V = hn::Vec<D>;

  // Both halves of the products of 32 bits.
  static HWY_INLINE void Multiply(V a, uint32_t factor, V* low, V* high) {
    const D d;
    const hn::RepartitionToWide<D> d64;
    const V m = hn::Set(d, factor);
    const auto even = hn::MulEven(a, m), odd = hn::MulEven(hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(d64, a))), m);
    *high = hn::OddEven(hn::BitCast(d, odd), hn::BitCast(d, hn::ShiftRight<32>(even)));
    *low = hn::OddEven(hn::BitCast(d, hn::ShiftLeft<32>(odd)), hn::BitCast(d, even));
  }

  // A vector holds one word of as many blocks as it has lanes.
  static void words(uint64_t seed, uint64_t first, int64_t n, uint32_t* y) {
    const D d;
    const auto lanes = static_cast<int64_t>(hn::Lanes(d));
    static_assert(kRandomStep % (4 * HWY_LANES(uint32_t)) == 0);
    for (int64_t i = 0; i < n; i += 4 * lanes) {
      const uint64_t block = (first + static_cast<uint64_t>(i)) / 4;
      const V low = hn::Set(d, static_cast<uint32_t>(block));
      V c0 = hn::Add(low, hn::Iota(d, 0));
      // Lanes whose low word has wrapped carry into the high one.
      const V carry = hn::VecFromMask(d, hn::Lt(c0, low));
      V c1 = hn::Sub(hn::Set(d, static_cast<uint32_t>(block >> 32)), carry);
      V c2 = hn::Zero(d), c3 = hn::Zero(d);
      auto key0 = static_cast<uint32_t>(seed), key1 = static_cast<uint32_t>(seed >> 32);
      for (int round = 0; round < philox::kRounds; round++) {
        V low0, high0, low1, high1;
        Multiply(c0, philox::kMultiplier0, &low0, &high0);
        Multiply(c2, philox::kMultiplier1, &low1, &high1);
        c0 = hn::Xor(hn::Xor(high1, c1), hn::Set(d, key0));
        c1 = low1;
        c2 = hn::Xor(hn::Xor(high0, c3), hn::Set(d, key1));
        c3 = low0;
        key0 += philox::kWeyl0;
        key1 += philox::kWeyl1;
      }
      hn::StoreInterleaved4(c0, c1, c2, c3, d, y + i);
    }
  }

  using DF = hn::ScalableTag<float>;
  using F = hn::Vec<DF>;

  // Below 2^31, so that the conversion from signed integers will do.
  static HWY_INLINE F ToFloat(V words) { return hn::ConvertTo(DF(), hn::BitCast(hn::RebindToSigned<DF>(), words)); }

  static void uniform(const uint32_t* words, int64_t n, float low, float scale, float top, float* y) {
    const D d;
    const DF df;
    const F vlow = hn::Set(df, low), vscale = hn::Set(df, scale), vtop = hn::Set(df, top);
    for (int64_t i = 0; i < n; i += static_cast<int64_t>(hn::Lanes(d))) {
      const F u = hn::Mul(ToFloat(hn::ShiftRight<8>(hn::LoadU(d, words + i))), hn::Set(df, 0x1p-24f));
      hn::StoreU(hn::Min(hn::Add(vlow, hn::Mul(vscale, u)), vtop), df, y + i);
    }
  }

  template <int N>
  static HWY_INLINE F Polynomial(const float (&coefficients)[N], F x) {
    const DF d;
    F p = hn::Set(d, coefficients[0]);
    for (int i = 1; i < N; i++) p = hn::Add(hn::Mul(p, x), hn::Set(d, coefficients[i]));
    return p;
  }

  static HWY_INLINE F Log(F x) {
    using C = random_math::LogConstants<float>;
    const DF d;
    const hn::RebindToSigned<DF> di;
    const hn::RebindToUnsigned<DF> du;
    const auto bits = hn::BitCast(du, x), shifted = hn::Sub(bits, hn::Set(du, C::kStart));
    const F e = hn::ConvertTo(d, hn::ShiftRight<C::kFraction>(hn::BitCast(di, shifted)));
    const F one = hn::Set(d, 1.0f), two = hn::Set(d, 2.0f);
    const F f = hn::Sub(hn::BitCast(d, hn::Sub(bits, hn::And(shifted, hn::Set(du, C::kExponentMask)))), one);
    const F s = hn::Div(f, hn::Add(two, f)), z = hn::Mul(s, s);
    const F p = Polynomial(random_math::kLogFloat, z);
    const F tail = hn::Mul(s, hn::Sub(f, hn::Mul(two, hn::Mul(z, p))));
    return hn::Add(hn::Mul(e, hn::Set(d, C::kLog2High)),
                   hn::Sub(f, hn::Sub(tail, hn::Mul(e, hn::Set(d, C::kLog2Low)))));
  }

  static HWY_INLINE void SinCosTurns(F t, F* sine, F* cosine) {
    const DF d;
    const hn::RebindToSigned<DF> di;
    const auto quarter = hn::ConvertTo(di, hn::Add(hn::Mul(hn::Set(d, 4.0f), t), hn::Set(d, 0.5f)));
    const F x = hn::Mul(hn::Sub(t, hn::Mul(hn::Set(d, 0.25f), hn::ConvertTo(d, quarter))),
                        hn::Set(d, static_cast<float>(6.283185307179586477)));
    const F z = hn::Mul(x, x);
    const F s = hn::Add(x, hn::Mul(x, hn::Mul(z, Polynomial(random_math::kSinFloat, z))));
    const F c = hn::Add(hn::Set(d, 1.0f), hn::Mul(z, Polynomial(random_math::kCosFloat, z)));
    const auto one = hn::Set(di, 1), two = hn::Set(di, 2);
    const auto swap = hn::MaskFromVec(hn::BitCast(d, hn::VecFromMask(di, hn::Eq(hn::And(quarter, one), one))));
    const auto sign_of = [&](auto q) HWY_ATTR { return hn::BitCast(d, hn::ShiftLeft<30>(hn::And(q, two))); };
    *sine = hn::Xor(hn::IfThenElse(swap, c, s), sign_of(quarter));
    *cosine = hn::Xor(hn::IfThenElse(swap, s, c), sign_of(hn::Add(quarter, one)));
  }

  static void normal(const uint32_t* words, int64_t n, float mean, float stddev, float* y) {
    const D d;
    const DF df;
    const F vmean = hn::Set(df, mean), vstddev = hn::Set(df, stddev);
    const auto lanes = static_cast<int64_t>(hn::Lanes(d));
    for (int64_t i = 0; i < n; i += 2 * lanes) {
      V w, angle;
      hn::LoadInterleaved2(d, words + i, w, angle);
      const F high = hn::Mul(ToFloat(hn::ShiftRight<8>(w)), hn::Set(df, 0x1p-24f));
      const F low = hn::Add(ToFloat(hn::And(w, hn::Set(d, 0xFF))), hn::Set(df, 0.5f));
      const F u = hn::Add(high, hn::Mul(low, hn::Set(df, 0x1p-32f)));
      const F radius = hn::Sqrt(hn::Mul(hn::Set(df, -2.0f), Log(u)));
      F sine, cosine;
      SinCosTurns(hn::Mul(ToFloat(hn::ShiftRight<8>(angle)), hn::Set(df, 0x1p-24f)), &sine, &cosine);
      hn::StoreInterleaved2(hn::Add(vmean, hn::Mul(vstddev, hn::Mul(radius, cosine))),
                            hn::Add(vmean, hn::Mul(vstddev, hn::Mul(radius, sine))), df, y + i);
    }
  }
};

void register_random(nc_backend& table) { Random<RandomSource>::register_slots(table); }

}  // namespace nc::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nc::cpu {

void register_random(nc_backend& table, Isa isa) { NC_DISPATCH(isa, register_random, table); }

}  // namespace nc::cpu
#endif
