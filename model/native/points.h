/*
 * The points of interpolation of Winograd's F(4x4, 3x3) as it is used here: 0, A, -A, B, -B and
 * infinity, in that order. All of these constants are exact.
 */
#ifndef DIGIT_NATIVE_POINTS_H
#define DIGIT_NATIVE_POINTS_H

#define POINT_A 0.625f
#define POINT_B 1.25f
#define POINT_A2 (POINT_A * POINT_A)
#define POINT_B2 (POINT_B * POINT_B)

#endif
