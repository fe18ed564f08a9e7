namespace NativeChain;

public static partial class Datasets
{
    private const int Side = 28;

    // Numbers drawn for each image: label, six of the affine map, thickness, brightness.
    private const int Draws = 9;

    // Polylines of each digit, x to the right and y downwards, in a square of [-1, 1].
    private static readonly float[][][] s_strokes =
    [
        [Arc(0, 0, 0.55f, 0.9f, 0, 360)],
        [[-0.25f, -0.6f, 0.1f, -0.9f, 0.1f, 0.9f]],
        [[.. Arc(0, -0.4f, 0.55f, 0.5f, 180, 390), -0.55f, 0.9f, 0.6f, 0.9f]],
        [Arc(-0.05f, -0.45f, 0.5f, 0.45f, 200, 450), Arc(-0.05f, 0.45f, 0.6f, 0.45f, 270, 520)],
        [[0.25f, 0.9f, 0.25f, -0.9f, -0.6f, 0.35f, 0.6f, 0.35f]],
        [[0.5f, -0.9f, -0.4f, -0.9f, -0.45f, -0.1f, .. Arc(-0.02f, 0.35f, 0.55f, 0.52f, 230, 520)]],
        [[0.35f, -0.9f, -0.2f, -0.45f, -0.52f, 0.2f, .. Arc(0, 0.4f, 0.52f, 0.5f, 180, 540)]],
        [[-0.55f, -0.9f, 0.55f, -0.9f, -0.1f, 0.9f]],
        [Arc(0, -0.45f, 0.42f, 0.42f, 0, 360), Arc(0, 0.45f, 0.52f, 0.47f, 0, 360)],
        [[.. Arc(0, -0.4f, 0.5f, 0.5f, 0, 360), 0.5f, -0.4f, 0.4f, 0.3f, 0.05f, 0.9f]],
    ];

    /// <summary>Digits drawn by strokes under random affine distortion: a stand-in for MNIST that needs no file.</summary>
    /// <remarks>
    /// Rotation up to 0.26 rad, shear up to 0.25, scale 0.7 to 1 along each axis, shift up to 3 pixels, strokes 2 to 3.6 pixels wide.
    /// The same seed gives the same images.
    /// </remarks>
    /// <param name="seed">Seed of the distortions.</param>
    /// <param name="train">Number of images to train on.</param>
    /// <param name="test">Number of images to test on.</param>
    /// <param name="withLabel">Whether labels come with the images.</param>
    /// <param name="ndim">Number of axes of an image: 1 for (784), 2 for (28, 28), 3 for (1, 28, 28).</param>
    /// <param name="scale">What a white pixel is; a black one is 0.</param>
    /// <param name="dtype">Dtype of the images; null for the configuration's.</param>
    /// <param name="labelDType">Dtype of the labels.</param>
    /// <returns>Examples (image, label), or (image), to train and to test on.</returns>
    public static (TupleDataset Train, TupleDataset Test) GetSyntheticDigits(
        ulong seed,
        int train = 10000,
        int test = 2000,
        bool withLabel = true,
        int ndim = 1,
        double scale = 1.0,
        DType? dtype = null,
        DType labelDType = DType.Int32)
    {
        CheckNDim(ndim);
        ArgumentOutOfRangeException.ThrowIfNegative(train);
        ArgumentOutOfRangeException.ThrowIfNegative(test);
        RandomGenerator rng = new(seed);
        return (Draw(train), Draw(test));

        TupleDataset Draw(int count)
        {
            double[] draws = rng.Uniform(0.0, 1.0, new Shape(count, Draws), DType.Float64).ToArray<double>();
            byte[] pixels = new byte[count * Side * Side];
            byte[] labels = new byte[count];
            Parallel.For(0, count, i =>
            {
                ReadOnlySpan<double> u = draws.AsSpan(i * Draws, Draws);
                labels[i] = (byte)(u[0] * Classes);
                DrawDigit(labels[i], u[1..], pixels.AsSpan(i * Side * Side, Side * Side));
            });
            NDArray images = ToImages(pixels, count, ndim, scale, dtype);
            return withLabel ? new TupleDataset(images, ToLabels(labels, labelDType)) : new TupleDataset(images);
        }
    }

    /// <summary>Each pixel is as bright as its distance from the nearest stroke says, with a soft edge of one pixel.</summary>
    private static void DrawDigit(int digit, ReadOnlySpan<double> u, Span<byte> pixels)
    {
        (double sin, double cos) = Math.SinCos(Between(u[0], -0.26, 0.26));
        double shear = Between(u[1], -0.25, 0.25);
        double width = 10.0 * Between(u[2], 0.7, 1.0);
        double height = 10.0 * Between(u[3], 0.7, 1.0);
        double centreX = (Side / 2.0) + Between(u[4], -3, 3);
        double centreY = (Side / 2.0) + Between(u[5], -3, 3);
        double radius = Between(u[6], 1.0, 1.8);
        double brightness = Between(u[7], 180, 255);
        Span<double> distances = stackalloc double[Side * Side];
        distances.Fill(double.MaxValue);
        foreach (float[] stroke in s_strokes[digit])
        {
            for (int i = 0; i + 3 < stroke.Length; i += 2)
            {
                (double ax, double ay) = Map(stroke[i], stroke[i + 1]);
                (double bx, double by) = Map(stroke[i + 2], stroke[i + 3]);
                Approach(distances, ax, ay, bx, by);
            }
        }
        for (int i = 0; i < pixels.Length; i++)
        {
            double coverage = Math.Clamp(radius + 0.5 - Math.Sqrt(distances[i]), 0.0, 1.0);
            pixels[i] = (byte)(brightness * coverage);
        }

        (double X, double Y) Map(double x, double y)
        {
            x = (x * width) + (shear * y * height);
            y *= height;
            return (centreX + (cos * x) - (sin * y), centreY + (sin * x) + (cos * y));
        }
    }

    /// <summary>Lowers each pixel's squared distance to that from a segment.</summary>
    private static void Approach(Span<double> distances, double ax, double ay, double bx, double by)
    {
        (double dx, double dy) = (bx - ax, by - ay);
        double length = Math.Max((dx * dx) + (dy * dy), 1e-12);
        for (int row = 0; row < Side; row++)
        {
            for (int column = 0; column < Side; column++)
            {
                (double x, double y) = (column + 0.5 - ax, row + 0.5 - ay);
                double t = Math.Clamp(((x * dx) + (y * dy)) / length, 0.0, 1.0);
                (double ex, double ey) = (x - (t * dx), y - (t * dy));
                ref double distance = ref distances[(row * Side) + column];
                distance = Math.Min(distance, (ex * ex) + (ey * ey));
            }
        }
    }

    private static double Between(double u, double low, double high) => low + (u * (high - low));

    /// <summary>Points of an arc, clockwise from an angle in degrees to another, 0 to the right.</summary>
    private static float[] Arc(float centreX, float centreY, float radiusX, float radiusY, int from, int to)
    {
        const int Step = 30;
        List<float> points = [];
        for (int angle = from; angle <= to; angle += Step)
        {
            (double sin, double cos) = Math.SinCos(angle * Math.PI / 180);
            points.Add(centreX + (radiusX * (float)cos));
            points.Add(centreY + (radiusY * (float)sin));
        }
        return [.. points];
    }
}
