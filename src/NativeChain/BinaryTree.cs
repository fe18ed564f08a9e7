using System.Collections;
using System.Runtime.CompilerServices;

namespace NativeChain;

/// <summary>A binary tree with integers at its leaves: <c>BinaryTree tree = [[0, 1], 2];</c></summary>
[CollectionBuilder(typeof(BinaryTree), nameof(Create))]
public sealed class BinaryTree : IEnumerable<BinaryTree>
{
    /// <summary>A leaf.</summary>
    /// <param name="value">Its number.</param>
    public BinaryTree(int value) => Value = value;

    /// <summary>A node of two trees.</summary>
    /// <param name="left">The left one.</param>
    /// <param name="right">The right one.</param>
    public BinaryTree(BinaryTree left, BinaryTree right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        (Left, Right) = (left, right);
    }

    /// <summary>The number of a leaf.</summary>
    /// <value>null for a node.</value>
    public int? Value { get; }

    /// <summary>The left tree of a node.</summary>
    /// <value>null for a leaf.</value>
    public BinaryTree? Left { get; }

    /// <summary>The right tree of a node.</summary>
    /// <value>null for a leaf.</value>
    public BinaryTree? Right { get; }

    /// <summary>A leaf.</summary>
    public static implicit operator BinaryTree(int value) => new(value);

    /// <summary>A node of two trees.</summary>
    /// <exception cref="ArgumentException">Not two.</exception>
    public static implicit operator BinaryTree(BinaryTree[] trees) => Create(trees);

    /// <summary>A node of two trees.</summary>
    /// <exception cref="ArgumentException">Not two.</exception>
    public static BinaryTree Create(ReadOnlySpan<BinaryTree> trees) => trees.Length == 2
        ? new(trees[0], trees[1])
        : throw new ArgumentException($"BinaryTree: a node has two trees, not {trees.Length}.", nameof(trees));

    /// <summary>The tree of least mean depth for words that occur so often (Huffman, 1952).</summary>
    /// <param name="counts">How often each word occurs.</param>
    /// <exception cref="ArgumentException">There are no words.</exception>
    public static BinaryTree Huffman(IReadOnlyDictionary<int, int> counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        if (counts.Count == 0)
        {
            throw new ArgumentException("BinaryTree.Huffman: there are no words.", nameof(counts));
        }

        // Of equal counts the one that came first goes first.
        var queue = new PriorityQueue<(BinaryTree Tree, long Count, int Id), (long Count, int Id)>();
        int next = 0;
        foreach ((int word, int count) in counts)
        {
            queue.Enqueue((word, count, next), (count, next));
            next++;
        }

        while (true)
        {
            (BinaryTree tree, long count, int id) = queue.Dequeue();
            if (queue.Count == 0)
            {
                return tree;
            }

            (BinaryTree other, long otherCount, int otherId) = queue.Dequeue();
            int least = Math.Min(id, otherId);
            queue.Enqueue((new BinaryTree(tree, other), count + otherCount, least), (count + otherCount, least));
        }
    }

    /// <summary>The two trees of a node; none of a leaf.</summary>
    public IEnumerator<BinaryTree> GetEnumerator()
    {
        if (Left is not null && Right is not null)
        {
            yield return Left;
            yield return Right;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>As Python writes nested tuples: "((0, 1), 2)".</summary>
    public override string ToString() => Value?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? $"({Left}, {Right})";
}
