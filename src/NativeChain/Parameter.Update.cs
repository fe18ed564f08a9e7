namespace NativeChain;

public partial class Parameter
{
    /// <summary>How an optimizer updates it; <see cref="Optimizer.Setup"/> sets it.</summary>
    /// <value>null: it is not updated.</value>
    public UpdateRule? UpdateRule { get; set; }

    /// <summary>Updates it by its <see cref="UpdateRule"/>, if it has one and a gradient.</summary>
    public void Update() => UpdateRule?.Update(this);

    /// <summary>A copy without gradient: of the same array, and updated by the same rule, or of a copy of it, and updated by none.</summary>
    internal Parameter Clone(bool shareArray)
    {
        Parameter copy = new(Initializer, shape: null, Name) { _device = _device };
        if (RawArray is { } array)
        {
            copy.SetArray(shareArray ? array : array.Copy());
        }
        if (shareArray)
        {
            copy.UpdateRule = UpdateRule;
        }
        return copy;
    }

    /// <summary>Gives an uninitialized parameter its array, cast to its dtype.</summary>
    internal void Load(NDArray array) => SetArray(array.AsType(DType).To(_device));
}
