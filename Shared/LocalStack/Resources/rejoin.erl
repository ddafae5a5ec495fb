%% Runs in a node of a RabbitMQ cluster (`-eval 'file:eval(".../rejoin.erl")'`), beside the broker.
%%
%% A node that stood still, as virtual machines do when they are moved, finds when it wakes that the others went on without
%% it. They are back before it has counted who is left, so `pause_minority` never acts; Mnesia says that the network was
%% partitioned, and RabbitMQ leaves it at that until an operator restarts the node. This does what the operator would do.
%% Quorum queues have their own elections and are right all the while.
%%
%% Every five seconds: a node that is apart from as many others as would be half of the cluster starts its broker again,
%% which makes it join them. Should nobody be apart from so many, because only the line between two nodes was cut, the one
%% with the greater name does so after half a minute.
Apart = fun(Rounds) ->
    Others = rabbit_node_monitor:partitions(),
    All = rabbit_nodes:all(),
    IsMinority = 2 * length(Others) >= length(All),
    IsChosen = Rounds >= 6 andalso node() =:= lists:max([node() | Others]),
    case Others of
        [] -> no;
        _ when IsMinority; IsChosen -> yes;
        _ -> others
    end
end,
Start = fun(Self) ->
    _ = (catch rabbit:start()),
    case catch rabbit:is_running() of
        true -> ok;
        _ -> timer:sleep(5000), Self(Self)
    end
end,
Watch = fun(Self, Rounds) ->
    timer:sleep(5000),
    case catch Apart(Rounds) of
        yes ->
            logger:warning("This node is partitioned from the others; it starts again to join them"),
            _ = (catch rabbit:stop()),
            Start(Start),
            Self(Self, 0);
        others -> Self(Self, Rounds + 1);
        _ -> Self(Self, 0)
    end
end,
spawn(fun() -> Watch(Watch, 0) end).
