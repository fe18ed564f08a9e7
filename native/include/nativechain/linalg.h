// Dense linear algebra. Every operand is a batch of matrices: the last two axes are the matrix (the last one of a vector), the
// axes before it are the batch, the same for all operands. float32 or float64 of one dtype, any strides. No output may
// overlap an input, unless it says so. Where some matrix of the batch has no result, the call is NC_LINALG_ERROR, its text
// names the first of them by its place in the batch, and the outputs are undefined.
#ifndef NATIVECHAIN_LINALG_H
#define NATIVECHAIN_LINALG_H

#include "nativechain/base.h"

#ifdef __cplusplus
extern "C" {
#endif

// y (...) = the determinant of x (..., n, n), by LU with partial pivoting.
NC_API nc_status nc_det(nc_context* context, const nc_tensor* x, const nc_tensor* y);

// sign (...) and log|det| (...) of x (..., n, n): 0 and -infinity where it is singular.
NC_API nc_status nc_slogdet(nc_context* context, const nc_tensor* x, const nc_tensor* sign, const nc_tensor* log_abs);

// y = x^-1, both (..., n, n). A zero pivot is NC_LINALG_ERROR. y may be x.
NC_API nc_status nc_inv(nc_context* context, const nc_tensor* x, const nc_tensor* y);

// y = a^-1 b, a: (..., n, n), b and y: (..., n, k). A zero pivot as in nc_inv. y may be b.
NC_API nc_status nc_solve(nc_context* context, const nc_tensor* a, const nc_tensor* b, const nc_tensor* y);

// The lower triangle y with y y^T = x; only x's lower triangle is read; above y's diagonal is 0. A matrix that is not
// positive definite is NC_LINALG_ERROR. y may be x.
NC_API nc_status nc_cholesky(nc_context* context, const nc_tensor* x, const nc_tensor* y);

// x (..., m, n) = q r, k = min(m, n) or m: q (..., m, k) orthonormal columns, r (..., k, n) upper triangular; signs as
// Householder's reflections leave them.
NC_API nc_status nc_qr(nc_context* context, const nc_tensor* x, const nc_tensor* q, const nc_tensor* r);

// x (..., m, n) = u diag(s) vt, s (..., min(m, n)) descending; u (..., m, k) and vt (..., l, n), k and l being min(m, n), or
// m and n; both null: the values alone. A NaN, an infinity or what does not converge is NC_LINALG_ERROR.
NC_API nc_status nc_svd(nc_context* context, const nc_tensor* x, const nc_tensor* u, const nc_tensor* s,
                        const nc_tensor* vt);

// Eigenvalues w (..., n), ascending, and orthonormal eigenvectors, the columns of v (..., n, n) or null, of the symmetric
// x (..., n, n), of which only the lower triangle is read. A NaN, an infinity or what does not converge: NC_LINALG_ERROR.
NC_API nc_status nc_eigh(nc_context* context, const nc_tensor* x, const nc_tensor* w, const nc_tensor* v);

#ifdef __cplusplus
}
#endif

#endif
