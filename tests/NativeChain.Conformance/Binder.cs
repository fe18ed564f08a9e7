using System.Collections;
using System.Linq.Expressions;
using System.Reflection;

namespace NativeChain.Conformance;

/// <summary>Calls methods and constructors with arguments bound by name, as Chainer spells them.</summary>
internal static class Binder
{
    /// <summary>Calls the first overload, the shortest first, that takes exactly these arguments.</summary>
    /// <exception cref="CaseFailedException">None does.</exception>
    public static object? Call(
        IEnumerable<MethodBase> overloads, object? target, IReadOnlyDictionary<string, object?> named, params object?[] positional)
    {
        List<string> refusals = [];
        foreach (MethodBase method in overloads.OrderBy(method => method.GetParameters().Length))
        {
            if (method.IsGenericMethodDefinition)
            {
                continue;
            }
            if (Bind(method, named, positional) is { } arguments)
            {
                return Invoke(method, target, arguments);
            }
            refusals.Add($"{method.Name}({string.Join(", ", method.GetParameters().Select(p => $"{p.ParameterType.Name} {p.Name}"))})");
        }
        string given = string.Join(", ", [.. positional.Select(Describe), .. named.Select(a => $"{a.Key}: {Describe(a.Value)}")]);
        throw new CaseFailedException($"no overload takes ({given}); there are {string.Join("; ", refusals)}");
    }

    public static object New(Type type, IReadOnlyDictionary<string, object?> named) => Call(type.GetConstructors(), null, named)!;

    /// <summary>Sets a property, converting the value.</summary>
    public static void Set(object target, string name, object? value)
    {
        PropertyInfo property = Names.Property(target, name);
        if (!TryConvert(value, property.PropertyType, out object? converted))
        {
            throw new CaseFailedException($"{target.GetType().Name}.{property.Name} cannot be set to {Describe(value)}");
        }
        property.SetValue(target, converted, BindingFlags.DoNotWrapExceptions, null, null, null);
    }

    public static string Describe(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        NDArray array => $"NDArray {array.Shape}",
        Variable variable => $"Variable {variable.Shape}",
        IEnumerable items => "[" + string.Join(", ", items.Cast<object?>().Select(Describe)) + "]",
        _ => value.ToString() ?? value.GetType().Name,
    };

    /// <summary>A value as a type: numbers, names of enums, sequences, functions, and whatever the type itself converts from.</summary>
    public static bool TryConvert(object? value, Type type, out object? converted)
    {
        converted = value;
        Type target = Nullable.GetUnderlyingType(type) ?? type;
        if (value is null)
        {
            // The default value of Spatial is none given.
            converted = Default(type);
            return !type.IsValueType || target != type || type == typeof(Spatial);
        }
        if (target.IsInstanceOfType(value))
        {
            // A list is no array of numbers, though NDArray converts from System.Array.
            return target != typeof(Array);
        }
        switch (value)
        {
            case long or double when Number(value, target, out converted):
                return true;
            case string text when target.IsEnum:
                string? name = Enum.GetNames(target).FirstOrDefault(name => Names.Same(name, text));
                converted = name is null ? null : Enum.Parse(target, name);
                return name is not null;
            case "@numpy" when target == typeof(Device):
                converted = Device.Cpu;
                return true;
            case KeyValuePair<object, object?>[] pairs when target.IsGenericType && target.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>):
                var dictionary = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(target.GetGenericArguments()))!;
                foreach ((object key, object? item) in pairs)
                {
                    if (Convert([key, item], target.GetGenericArguments()) is not [{ } k, var v])
                    {
                        return false;
                    }
                    dictionary.Add(k, v);
                }
                converted = dictionary;
                return true;
            case FunctionValue function when target.IsAssignableTo(typeof(Delegate)):
                converted = function.As(target);
                return true;
            case NDArray indices when target == typeof(int[]) && !indices.DType.IsFloating():
                converted = indices.AsType(DType.Int32).ToArray<int>();
                return true;
            case object?[] items when ElementType(target) is { } element && Sequence(items, element, out Array? array):
                converted = array;
                return true;
            case object?[] items when target.IsAssignableTo(typeof(System.Runtime.CompilerServices.ITuple)):
                ConstructorInfo? tuple = target.GetConstructors().FirstOrDefault(c => c.GetParameters().Length == items.Length);
                object?[]? parts = tuple is null ? null : Convert(items, [.. tuple.GetParameters().Select(p => p.ParameterType)]);
                converted = parts is null ? null : tuple!.Invoke(parts);
                return parts is not null;
        }
        foreach (MethodInfo method in target.GetMethods(BindingFlags.Public | BindingFlags.Static).Concat(
                     value.GetType().GetMethods(BindingFlags.Public | BindingFlags.Static)))
        {
            if (method.Name == "op_Implicit" && method.ReturnType == target && !method.GetParameters()[0].ParameterType.IsByRefLike
                && method.GetParameters()[0].ParameterType != target
                && TryConvertWithoutOperators(value, method.GetParameters()[0].ParameterType, out object? argument))
            {
                converted = method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [argument], null);
                return true;
            }
        }
        return false;
    }

    private static bool TryConvertWithoutOperators(object value, Type type, out object? converted)
    {
        converted = value;
        if (type.IsInstanceOfType(value))
        {
            return type != typeof(Array);
        }
        return value switch
        {
            long or double => Number(value, type, out converted),
            object?[] items when type.IsArray => Sequence(items, type.GetElementType()!, out Array? array) && (converted = array) is not null,
            object?[] items => TryConvert(items, type, out converted),
            _ => false,
        };
    }

    private static bool Number(object value, Type type, out object? converted)
    {
        converted = null;
        if (type == typeof(double) || type == typeof(float))
        {
            converted = System.Convert.ChangeType(value, type);
        }
        else if (value is long whole)
        {
            converted = type == typeof(long) ? whole
                : type == typeof(int) && whole is >= int.MinValue and <= int.MaxValue ? (object)(int)whole
                : null;
        }
        return converted is not null;
    }

    private static Type? ElementType(Type type) =>
        type.IsArray ? type.GetElementType()
        : type.IsGenericType && type.GetGenericTypeDefinition() is { } open
            && (open == typeof(ReadOnlySpan<>) || open == typeof(IReadOnlyList<>) || open == typeof(IEnumerable<>) || open == typeof(IList<>))
            ? type.GetGenericArguments()[0] : null;

    private static bool Sequence(object?[] items, Type element, out Array? array)
    {
        array = Array.CreateInstance(element, items.Length);
        for (int i = 0; i < items.Length; i++)
        {
            if (!TryConvert(items[i], element, out object? item))
            {
                return false;
            }
            array.SetValue(item, i);
        }
        return true;
    }

    private static object?[]? Convert(object?[] items, Type[] types)
    {
        object?[] converted = new object?[items.Length];
        for (int i = 0; i < items.Length; i++)
        {
            if (!TryConvert(items[i], types[i], out converted[i]))
            {
                return null;
            }
        }
        return converted;
    }

    private static object?[]? Bind(MethodBase method, IReadOnlyDictionary<string, object?> named, object?[] positional)
    {
        ParameterInfo[] parameters = method.GetParameters();
        object?[] arguments = new object?[parameters.Length];
        int used = 0, next = 0;
        for (int i = 0; i < parameters.Length; i++)
        {
            ParameterInfo parameter = parameters[i];
            object? value;
            if (named.Keys.FirstOrDefault(name => Names.Same(name, parameter.Name!)) is { } key)
            {
                value = named[key];
                used++;
            }
            else if (next < positional.Length)
            {
                value = positional[next++];
            }
            else if (parameter.HasDefaultValue)
            {
                arguments[i] = parameter.DefaultValue ?? Default(parameter.ParameterType);
                continue;
            }
            else if (ElementType(parameter.ParameterType) is { } element && IsVariadic(parameter))
            {
                arguments[i] = Array.CreateInstance(element, 0);
                continue;
            }
            else
            {
                return null;
            }
            // As in a C# call, one value will do for a variadic parameter.
            if (!TryConvert(value, parameter.ParameterType, out arguments[i])
                && !(IsVariadic(parameter) && TryConvert(new[] { value }, parameter.ParameterType, out arguments[i])))
            {
                return null;
            }
        }
        return used == named.Count && next == positional.Length ? arguments : null;
    }

    private static bool IsVariadic(ParameterInfo parameter) =>
        parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(System.Runtime.CompilerServices.ParamCollectionAttribute));

    private static object? Default(Type type) => type.IsValueType ? Activator.CreateInstance(type) : null;

    private static object? Invoke(MethodBase method, object? target, object?[] arguments)
    {
        ParameterInfo[] parameters = method.GetParameters();
        if (!parameters.Any(parameter => parameter.ParameterType.IsByRefLike))
        {
            return method is ConstructorInfo constructor
                ? constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null)
                : method.Invoke(target, BindingFlags.DoNotWrapExceptions, null, arguments, null);
        }
        // Reflection passes no spans: a small lambda makes each from its array.
        IEnumerable<Expression> passed = parameters.Select((parameter, i) => parameter.ParameterType.IsByRefLike
            ? Expression.Convert(
                Expression.Constant(arguments[i], ElementType(parameter.ParameterType)!.MakeArrayType()), parameter.ParameterType)
            : (Expression)Expression.Constant(arguments[i], parameter.ParameterType));
        Expression call = method is ConstructorInfo create
            ? Expression.New(create, passed)
            : Expression.Call(target is null ? null : Expression.Constant(target), (MethodInfo)method, passed);
        return Expression.Lambda<Func<object?>>(Expression.Convert(call, typeof(object))).Compile()();
    }
}
