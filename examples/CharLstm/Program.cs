// A character model: an LSTM reads a text letter by letter, and learns to say which letter comes next.
//   dotnet run -c Release --project examples/CharLstm
// The text is made here, by a small grammar, so that the program needs no file and prints the same at each run. Training cuts
// the text into pieces that are read side by side; backpropagation is truncated after a number of letters.
using System.Globalization;
using System.Text;
using NativeChain;
using NativeChain.Optimizers;
using L = NativeChain.Links;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int Pieces = 32;   // read side by side: the batch
const int Truncate = 32; // letters after which the graph is cut
const int Units = 128;
const int Epochs = 5;

string text = Grammar.Write(sentences: 3000, seed: 1);
char[] letters = [.. text.Distinct().Order()];
int[] ids = [.. text.Select(letter => Array.IndexOf(letters, letter))];
Console.WriteLine($"{text.Length} letters, {letters.Length} of them different. It begins:");
Console.WriteLine("  " + text[..text.IndexOf('\n')]);

NDArray.Random.Seed(0);
CharModel model = new(letters.Length, Units);
Adam optimizer = new(alpha: 0.003);
optimizer.Setup(model);
optimizer.AddHook(new GradientClipping(5));

// Piece k is a row of its own: (Pieces, length + 1), of which each letter but the last is an input, each but the first an answer.
int length = (ids.Length - 1) / Pieces;
NDArray rows = NDArray.FromSpan<int>([.. Enumerable.Range(0, Pieces).SelectMany(k => ids[(k * length)..((k * length) + length + 1)])], (Pieces, length + 1));

Console.WriteLine("epoch  loss    perplexity");
for (int epoch = 1; epoch <= Epochs; epoch++)
{
    model.ResetState();
    double sum = 0;
    int steps = 0;
    for (int start = 0; start + Truncate <= length; start += Truncate)
    {
        Variable loss = NDArray.Zeros(Shape.Scalar);
        for (int t = start; t < start + Truncate; t++)
        {
            loss += F.SoftmaxCrossEntropy(model.Call(rows[.., t]), rows[.., t + 1]);
        }

        model.ClearGrads();
        loss.Backward();
        loss.UnchainBackward();
        optimizer.Update();
        sum += loss.Array.Item<float>();
        steps += Truncate;
    }

    Console.WriteLine($"{epoch,5}  {sum / steps:F4}  {Math.Exp(sum / steps):F3}");
}

Console.WriteLine("It writes:");
Console.WriteLine(Sample(model, letters, sentences: 6, seed: 5));

// Letters drawn one after the other, each by its probability.
static string Sample(CharModel model, char[] letters, int sentences, int seed)
{
    Random random = new(seed);
    StringBuilder written = new("  ");
    model.ResetState();
    using (Config.NoBackpropMode())
    {
        int letter = Array.IndexOf(letters, '\n');
        while (sentences > 0 && written.Length < 1000)
        {
            float[] probabilities = F.Softmax(model.Call((NDArray)new[] { letter })).Array.ToArray<float>();
            double left = random.NextDouble();
            for (letter = 0; letter < letters.Length - 1 && (left -= probabilities[letter]) > 0; letter++)
            {
            }

            sentences -= letters[letter] == '\n' ? 1 : 0;
            written.Append(letters[letter] == '\n' && sentences > 0 ? "\n  " : letters[letter]);
        }
    }

    return written.ToString().TrimEnd();
}

/// <summary>Embedding, LSTM, and a score for each letter.</summary>
internal sealed class CharModel(int letters, int units) : Chain
{
    private readonly L.EmbedID _embed = new(letters, 32);
    private readonly L.LSTM _lstm = new(32, units);
    private readonly L.Linear _score = new(units, letters);

    public void ResetState() => _lstm.ResetState();

    /// <summary>Scores of the next letter, (N, letters), after letters (N,).</summary>
    public override Variable Forward(Variable x) => _score.Call(_lstm.Call(_embed.Call(x)));
}

/// <summary>Sentences in which verbs agree with their subjects, which may stand some words before.</summary>
internal static class Grammar
{
    private static readonly string[] s_nouns = ["cat", "dog", "bird", "farmer", "teacher", "child with a hat", "boat"];
    private static readonly string[] s_places = ["near the river", "in the old house", "behind the hill", "under the trees"];
    private static readonly string[] s_verbs = ["see", "hear", "follow", "want", "like"];

    public static string Write(int sentences, int seed)
    {
        Random random = new(seed);
        string Pick(string[] words) => words[random.Next(words.Length)];
        StringBuilder text = new();
        for (int i = 0; i < sentences; i++)
        {
            bool many = random.Next(2) == 0;
            text.Append(many ? "many " : "one ").Append(Noun(Pick(s_nouns), many));
            if (random.Next(3) == 0)
            {
                text.Append(' ').Append(Pick(s_places));
            }

            text.Append(' ').Append(Pick(s_verbs)).Append(many ? "" : "s").Append(" the ").Append(Noun(Pick(s_nouns), random.Next(2) == 0)).Append(".\n");
        }

        return text.ToString();
    }

    private static string Noun(string noun, bool many)
    {
        string plural = noun.StartsWith("child", StringComparison.Ordinal) ? "children" + noun[5..] : noun + "s";
        return many ? plural : noun;
    }
}
