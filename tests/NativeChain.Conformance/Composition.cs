using System.Text.Json;

namespace NativeChain.Conformance;

/// <summary>Builds the link that a case describes, whatever it nests.</summary>
internal static class Composition
{
    public static Link Build(JsonElement test, Values values)
    {
        string name = test.Text("link");
        Link link = name switch
        {
            "Sequential" => Sequential(test, values),
            "ChainList" => new ListOfSteps(test, values),
            "Chain" => new ChainOfSteps(test, values),
            _ => (Link)Binder.New(Names.Link(name), values.Members(test.Get("ctor"))),
        };
        foreach (JsonElement hook in test.Get("link_hooks").Items())
        {
            link.AddHook((LinkHook)Binder.New(Names.LinkHook(hook.Text("hook")), values.Members(hook.Get("ctor"))));
        }
        foreach ((string attribute, object? value) in values.Members(test.Get("set")))
        {
            Binder.Set(link, attribute, value);
        }
        return link;
    }

    private static Sequential Sequential(JsonElement test, Values values)
    {
        Sequential sequential = new();
        foreach (JsonElement layer in test.GetProperty("layers").EnumerateArray())
        {
            switch (values.Convert(layer))
            {
                case Link link:
                    sequential.Add(link);
                    break;
                case FunctionValue function:
                    sequential.Add(function.Apply);
                    break;
            }
        }
        return sequential;
    }

    /// <summary>What `forward` says: children, by name or index, and functions, one after the other.</summary>
    private static Func<Variable, Variable> Steps(JsonElement test, Values values, Func<object, Link> child)
    {
        List<Func<Variable, Variable>> steps = [];
        foreach (JsonElement step in test.GetProperty("forward").EnumerateArray())
        {
            steps.Add(values.Convert(step) switch
            {
                FunctionValue function => function.Apply,
                { } key => child(key).Call,
                null => throw new CaseFailedException("null in forward"),
            });
        }
        return x => steps.Aggregate(x, (h, step) => step(h));
    }

    private sealed class ChainOfSteps : Chain
    {
        private readonly Func<Variable, Variable> _forward;

        public ChainOfSteps(JsonElement test, Values values)
        {
            Dictionary<string, Link> children = [];
            foreach (JsonProperty child in test.GetProperty("children").EnumerateObject())
            {
                children.Add(child.Name, values.Link(child.Value));
                AddLink(child.Name, children[child.Name]);
            }
            _forward = Steps(test, values, name => children[(string)name]);
        }

        public override Variable Forward(Variable x) => _forward(x);
    }

    private sealed class ListOfSteps : ChainList
    {
        private readonly Func<Variable, Variable> _forward;

        public ListOfSteps(JsonElement test, Values values)
        {
            List<Link> children = [.. test.GetProperty("layers").EnumerateArray().Select(values.Link)];
            children.ForEach(child => AddLink(child));
            _forward = Steps(test, values, index => children[(int)(long)index]);
        }

        public override Variable Forward(Variable x) => _forward(x);
    }
}
